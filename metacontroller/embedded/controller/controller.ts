import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../../runtime/errors.ts';
import type { Clock } from '../clock.ts';
import { addFinalizer, dropFinalizer, isTerminating } from '../objects/finalizers.ts';
import { type KubeObject, keyOf, type ObjectEvent, parseKey, textOf } from '../objects/kubeObject.ts';
import type { Objects } from '../objects/objectStore.ts';
import { WorkQueue } from '../workQueue.ts';
import type { HookAnswer } from './answer.ts';
import { applyChildren, grouped, observedChildren } from './children.ts';
import { desiredChildren } from './desiredChildren.ts';
import type { Hook } from './hookClient.ts';
import type { Namespaces } from './namespaces.ts';
import type { SyncOutcome } from './outcome.ts';
import { SyncError } from './syncError.ts';

const parentKind = 'NixImage';
/** Keeps a parent until the hook has finalized it; the name is Metacontroller's. */
const finalizer = 'metacontroller.io/compositecontroller-niximages';
/** Parents that the hook is asked about at once: three times Metacontroller's, for here nothing else throttles. */
const workers = 16;

export interface ControllerOptions {
  readonly store: Objects;
  readonly clock: Clock;
  readonly hook: Hook;
  /** Time after which the hook is asked about every parent again, whatever its pauses. */
  readonly resyncPeriodSeconds: number;
  readonly namespaces: Pick<Namespaces, 'ensure'>;
  /** Told after each round of a parent. */
  readonly onSync: (parent: KubeObject, outcome: SyncOutcome) => void;
}

/**
 * Metacontroller's CompositeController for NixImages: calls the hook for each parent whenever the parent or one of its
 * children changes, and does what it answers. https://metacontroller.github.io/metacontroller/api/compositecontroller.html
 */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #queue: WorkQueue;
  readonly #stopped = new AbortController();
  readonly #unwatch: () => void;
  #stopResync = (): void => {};

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({
      clock: options.clock,
      workers,
      work: (name) => this.#sync(name),
      failed: (name, error) => this.#failed(name, error),
    });
    this.#unwatch = options.store.watch((event) => this.#changed(event));
    this.#resync();
  }

  resyncAll(): void {
    for (const parent of this.#options.store.list(parentKind)) this.#queue.add(textOf(keyOf(parent)));
  }

  /** Waits until every parent that was to be looked at now has been. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  async close(): Promise<void> {
    this.#unwatch();
    this.#stopResync();
    this.#stopped.abort();
    await this.#queue.close();
  }

  #resync(): void {
    this.resyncAll();
    const { clock, resyncPeriodSeconds } = this.#options;
    this.#stopResync = clock.later(resyncPeriodSeconds * 1000, () => this.#resync());
  }

  #changed({ object }: ObjectEvent): void {
    if (object.kind === parentKind) this.#queue.add(textOf(keyOf(object)));
    const { namespace, ownerReferences = [] } = object.metadata;
    for (const { kind, name, uid, controller } of ownerReferences) {
      const key = { kind, namespace, name, uid };
      if (kind === parentKind && controller === true && this.#options.store.get(key) !== undefined)
        this.#queue.add(textOf(key));
    }
  }

  /** One round, in the order of Metacontroller's syncParentObject. */
  async #sync(name: string): Promise<void> {
    const { store, hook, namespaces } = this.#options;
    const parent = await store.update(parseKey(name), (object) => addFinalizer(object, finalizer));
    if (parent === undefined) return;
    await namespaces.ensure(parent.metadata.namespace);
    const finalizing = isTerminating(parent);
    const observed = observedChildren(store, parent);
    const reply = await hook(
      finalizing ? '/finalize' : '/sync',
      { controller: {}, parent, children: grouped(observed), related: {}, finalizing },
      this.#stopped.signal,
    );
    if (reply.kind === 'Wait') {
      this.#queue.addAfter(name, reply.seconds * 1000);
      this.#tell(name, { kind: 'Waits' });
      return;
    }
    const { answer } = reply;
    if (answer.resyncAfterSeconds > 0) this.#queue.addAfter(name, answer.resyncAfterSeconds * 1000);
    // What is finalized keeps its children; the garbage collector takes them when it is gone.
    if (finalizing && answer.finalized)
      await store.update(keyOf(parent), (object) => dropFinalizer(object, finalizer));
    else await this.#apply(parent, observed, answer);
  }

  async #apply(parent: KubeObject, observed: readonly KubeObject[], answer: HookAnswer): Promise<void> {
    const desired = desiredChildren(parent, answer.children);
    const failed = [...desired.problems, ...(await applyChildren(this.#options.store, observed, desired))];
    await this.#writeStatus(parent, answer);
    const name = textOf(keyOf(parent));
    if (failed.length > 0)
      throw new SyncError('CHILDREN_FAILED', `can't reconcile children for ${name}: ${failed.join('; ')}`);
    this.#tell(name, { kind: 'Answered', remarks: desired.remarks });
  }

  /** The status is replaced whole, and not written where it is the same. */
  async #writeStatus(parent: KubeObject, answer: HookAnswer): Promise<void> {
    const status = { ...answer.status, observedGeneration: parent.metadata.generation };
    await this.#options.store.update(keyOf(parent), (object) =>
      isDeepStrictEqual(object['status'], status) ? object : { ...object, status },
    );
  }

  #failed(name: string, error: unknown): void {
    if (this.#stopped.signal.aborted) return;
    const waits = error instanceof SyncError && error.code === 'HOOK_BUSY';
    this.#tell(name, waits ? { kind: 'Waits' } : { kind: 'Failed', message: messageOf(error) });
  }

  #tell(name: string, outcome: SyncOutcome): void {
    const parent = this.#options.store.get(parseKey(name));
    if (parent !== undefined) this.#options.onSync(parent, outcome);
  }
}
