import { isDeepStrictEqual } from 'node:util';
import { Agent } from 'undici';
import { messageOf } from '../../../runtime/errors.ts';
import { isOwnedBy, type KubeObject, keyOf, type ObjectEvent } from '../objects/kubeObject.ts';
import type { ObjectStore } from '../objects/objectStore.ts';
import type { DesiredChild, HookAnswer } from './answer.ts';
import { callHook, type HookAddress } from './hookClient.ts';
import { WorkQueue } from './workQueue.ts';

const finalizer = 'metacontroller.io/compositecontroller-niximages';
const parentKind = 'NixImage';
/** Applied in this order, deleted before anything is applied. */
const childKinds = ['ConfigMap', 'Pod'] as const;

export interface ControllerOptions {
  readonly store: ObjectStore;
  readonly hook: HookAddress;
  readonly resyncPeriodSeconds: number;
  /** Makes the namespace's tree; rejects while it cannot. */
  readonly ensureNamespace: (namespace: string, uid: string) => Promise<void>;
  /** Told of what an event on the object would tell. */
  readonly onError: (parent: KubeObject, message: string) => void;
}

/**
 * Metacontroller's CompositeController for NixImages: calls the hook for each parent whenever the parent or one of its
 * children changes, and does what it answers. https://metacontroller.github.io/metacontroller/api/compositecontroller.html
 */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #agent = new Agent({ connections: 16 });
  readonly #queue: WorkQueue;
  readonly #stopped = new AbortController();
  readonly #unwatch: () => void;
  readonly #namespaces = new Map<string, Promise<void>>();

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#queue = new WorkQueue((name) => this.#sync(name));
    this.#unwatch = options.store.watch((event) => this.#changed(event));
    this.resyncAll();
  }

  resyncAll(): void {
    for (const parent of this.#options.store.list(parentKind)) this.#queue.add(nameOf(parent));
  }

  async close(): Promise<void> {
    this.#unwatch();
    this.#stopped.abort();
    await this.#queue.close();
    await this.#agent.destroy();
  }

  #changed({ type, object }: ObjectEvent): void {
    if (object.kind === parentKind && type === 'Deleted') void this.#collect(object);
    else if (object.kind === parentKind) this.#queue.add(nameOf(object));
    for (const owner of object.metadata.ownerReferences ?? [])
      if (owner.kind === parentKind) this.#queue.add(`${object.metadata.namespace}/${owner.name}`);
  }

  /** What the garbage collector of a cluster does for an owner that is gone. */
  async #collect(parent: KubeObject): Promise<void> {
    for (const child of this.#childrenOf(parent)) await this.#options.store.remove(keyOf(child));
  }

  /** One round. @returns seconds until the next one that nothing else asks for. */
  async #sync(name: string): Promise<number> {
    const { store, resyncPeriodSeconds } = this.#options;
    const parent = await this.#withFinalizer(name);
    if (parent === undefined) return 0;
    try {
      await this.#ensureNamespace(parent.metadata.namespace);
      const finalizing = parent.metadata.deletionTimestamp !== undefined;
      const children = this.#childrenOf(parent);
      const answer = await callHook(
        this.#agent,
        this.#options.hook,
        finalizing ? '/finalize' : '/sync',
        { controller: {}, parent, children: grouped(children), related: {}, finalizing },
        this.#stopped.signal,
      );
      await this.#apply(parent, children, answer.children);
      if (finalizing && answer.finalized) await this.#release(parent);
      else await this.#writeStatus(parent, answer);
      const asked = answer.resyncAfterSeconds;
      return asked > 0 ? Math.min(asked, resyncPeriodSeconds) : resyncPeriodSeconds;
    } catch (error) {
      if (this.#stopped.signal.aborted || store.get(keyOf(parent)) === undefined) return 0;
      this.#options.onError(parent, messageOf(error));
      throw error;
    }
  }

  #withFinalizer(name: string): Promise<KubeObject | undefined> {
    const slash = name.indexOf('/');
    const key = { kind: parentKind, namespace: name.slice(0, slash), name: name.slice(slash + 1) };
    return this.#options.store.update(key, (object) => {
      const finalizers = object.metadata.finalizers ?? [];
      if (object.metadata.deletionTimestamp !== undefined || finalizers.includes(finalizer)) return object;
      return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
    });
  }

  /** A namespace gets an object, and with it a uid, when it is first needed; then its tree. */
  async #ensureNamespace(namespace: string): Promise<void> {
    const { store, ensureNamespace } = this.#options;
    const made = this.#namespaces.get(namespace);
    if (made !== undefined) return await made;
    const making = (async () => {
      const key = { kind: 'Namespace', namespace: '', name: namespace };
      const metadata = { name: namespace, namespace: '' };
      const object =
        store.get(key) ?? (await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata }));
      await ensureNamespace(namespace, object?.metadata.uid ?? '');
    })();
    this.#namespaces.set(namespace, making);
    making.catch(() => this.#namespaces.delete(namespace));
    await making;
  }

  #childrenOf(parent: KubeObject): KubeObject[] {
    return childKinds.flatMap((kind) =>
      this.#options.store
        .list(kind)
        .filter(
          (child) => child.metadata.namespace === parent.metadata.namespace && isOwnedBy(child, parent),
        ),
    );
  }

  /** OnDelete: what is there stays as it is. A name that somebody else's object has is passed over without a word. */
  async #apply(
    parent: KubeObject,
    observed: readonly KubeObject[],
    desired: readonly DesiredChild[],
  ): Promise<void> {
    const { store } = this.#options;
    const wanted = new Set(desired.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
    for (const child of observed)
      if (!wanted.has(`${child.kind}/${child.metadata.name}`)) await store.remove(keyOf(child));
    for (const kind of childKinds)
      for (const child of desired.filter((each) => each.kind === kind))
        await store.create(owned(child, parent));
  }

  async #writeStatus(parent: KubeObject, { status }: HookAnswer): Promise<void> {
    const whole = { ...status, observedGeneration: parent.metadata.generation };
    await this.#options.store.update(keyOf(parent), (object) =>
      object.metadata.uid !== parent.metadata.uid || isDeepStrictEqual(object['status'], whole)
        ? object
        : { ...object, status: whole },
    );
  }

  async #release(parent: KubeObject): Promise<void> {
    await this.#options.store.update(keyOf(parent), (object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        finalizers: (object.metadata.finalizers ?? []).filter((each) => each !== finalizer),
      },
    }));
  }
}

function nameOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** By kind and name, every kind there even where it is empty. */
function grouped(children: readonly KubeObject[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    childKinds.map((kind) => [
      `${kind}.v1`,
      Object.fromEntries(
        children.filter((child) => child.kind === kind).map((child) => [child.metadata.name, child]),
      ),
    ]),
  );
}

function owned(child: DesiredChild, parent: KubeObject) {
  const { apiVersion, kind, metadata } = parent;
  return {
    ...child,
    metadata: {
      ...child.metadata,
      namespace: metadata.namespace,
      labels: { ...child.metadata.labels, 'controller-uid': metadata.uid },
      ownerReferences: [
        {
          apiVersion,
          kind,
          name: metadata.name,
          uid: metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
  };
}
