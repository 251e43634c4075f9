import { messageOf } from '../../../runtime/errors.ts';
import type { Clock } from '../clock.ts';
import { WorkQueue } from '../workQueue.ts';
import { type KubeObject, keyOf, parseKey, textOf } from './kubeObject.ts';
import type { ObjectStore } from './objectStore.ts';

/**
 * Deletes what has owners none of which is there any more, as a cluster does:
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents
 */
export class GarbageCollector {
  readonly #store: ObjectStore;
  readonly #queue: WorkQueue;
  readonly #unwatch: () => void;

  /** @param tell is told once of what cannot be deleted; it is tried again and again. */
  constructor(store: ObjectStore, clock: Clock, tell: (sentence: string) => void) {
    this.#store = store;
    this.#queue = new WorkQueue({
      clock,
      work: (name) => this.#collect(name),
      failed: (name, error, before) => {
        if (before === 0) tell(`${name} has no owner and cannot be deleted: ${messageOf(error)}`);
      },
    });
    this.#unwatch = store.watch(({ type, object }) => {
      if (type === 'Added') this.#add(object);
      if (type === 'Deleted') this.#addAll((owned) => isNamed(owned, object.metadata.uid));
    });
  }

  /** Looks at every object, and waits for it. */
  async start(): Promise<void> {
    this.#addAll(() => true);
    await this.idle();
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  async close(): Promise<void> {
    this.#unwatch();
    await this.#queue.close();
  }

  #addAll(concerns: (object: KubeObject) => boolean): void {
    for (const object of this.#store.all()) if (concerns(object)) this.#add(object);
  }

  #add(object: KubeObject): void {
    if (object.metadata.ownerReferences !== undefined) this.#queue.add(textOf(keyOf(object)));
  }

  async #collect(name: string): Promise<void> {
    const object = this.#store.get(parseKey(name));
    const { namespace, ownerReferences: owners = [] } = object?.metadata ?? { namespace: '' };
    if (object === undefined || owners.length === 0) return;
    if (owners.some((owner) => this.#store.get({ ...owner, namespace }) !== undefined)) return;
    await this.#store.remove(keyOf(object));
  }
}

function isNamed({ metadata }: KubeObject, owner: string): boolean {
  return (metadata.ownerReferences ?? []).some(({ uid }) => uid === owner);
}
