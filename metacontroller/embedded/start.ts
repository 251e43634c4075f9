import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { systemClock } from './clock.ts';
import { Controller, type ControllerOptions } from './controller/controller.ts';
import { type HookAddress, HookClient } from './controller/hookClient.ts';
import { type EnsureNamespace, Namespaces } from './controller/namespaces.ts';
import { type Applied, apply } from './objects/apply.ts';
import { GarbageCollector } from './objects/garbageCollector.ts';
import { type KubeObject, keyOf, textOf } from './objects/kubeObject.ts';
import { type NewObject, ObjectStore } from './objects/objectStore.ts';
import { Kubelet } from './pods/kubelet.ts';
import { LocalRuntime, type LocalRuntimeOptions } from './pods/localRuntime.ts';

export interface EmbeddedOptions
  extends Pick<LocalRuntimeOptions, 'images' | 'command' | 'environment'>,
    Pick<ControllerOptions, 'onSync'> {
  /** Holds the objects, and the folders and logs of Pods. One process at a time uses it. */
  readonly state: string;
  readonly hook: HookAddress;
  readonly ensureNamespace: EnsureNamespace;
  /** Most builds at once; by default one a core. */
  readonly builds?: number;
  readonly resyncPeriodSeconds?: number;
  /** Told of what is odd in the state folder, and of what cannot be done there for now. */
  readonly say: (sentence: string) => void;
}

/** Plays the API server, Metacontroller and the kubelet where there is no cluster. */
export interface Embedded {
  apply(manifest: NewObject): Promise<Applied>;
  /** Marks an image for deletion; it is gone when the hook has finalized it. */
  remove(namespace: string, name: string): Promise<void>;
  /** By namespace and name. */
  images(): readonly KubeObject[];
  /** Calls `changed` after each change of an image; the answer ends it. */
  watch(changed: (image: KubeObject) => void): () => void;
  /** Asks the hook about every image. */
  resyncAll(): void;
  /** Ends the builders, and waits for them. */
  close(): Promise<void>;
}

export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { state, builds = availableParallelism(), resyncPeriodSeconds = 120, say } = options;
  const clock = systemClock;
  const store = await ObjectStore.open(join(state, 'objects'), say);
  const garbage = new GarbageCollector(store, clock, say);
  // What lost its owner while nothing ran must not be started.
  await garbage.start();
  const runtime = new LocalRuntime({ ...options, store, clock });
  const kubelet = new Kubelet({ store, clock, runtime, builds, tell: say });
  await kubelet.start();
  const hook = new HookClient(options.hook);
  const namespaces = new Namespaces(store, options.ensureNamespace);
  const controller = new Controller({
    ...options,
    store,
    clock,
    hook: hook.call,
    namespaces,
    resyncPeriodSeconds,
  });
  return {
    apply: (manifest) => apply(store, manifest),
    remove: (namespace, name) => store.remove({ kind: 'NixImage', namespace, name }),
    images: () => store.list('NixImage').sort(byName),
    watch: (changed) =>
      store.watch(({ object }) => {
        if (object.kind === 'NixImage') changed(object);
      }),
    resyncAll: () => controller.resyncAll(),
    async close() {
      await controller.close();
      await hook.close();
      await kubelet.close();
      await garbage.close();
    },
  };
}

function byName(one: KubeObject, other: KubeObject): number {
  return textOf(keyOf(one)) < textOf(keyOf(other)) ? -1 : 1;
}
