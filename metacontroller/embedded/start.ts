import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Controller, type ControllerOptions } from './controller/controller.ts';
import type { KubeObject } from './objects/kubeObject.ts';
import { type NewObject, ObjectStore } from './objects/objectStore.ts';
import { Kubelet, type KubeletOptions } from './pods/kubelet.ts';

export interface EmbeddedOptions
  extends Pick<KubeletOptions, 'images' | 'command' | 'environment'>,
    Pick<ControllerOptions, 'hook' | 'ensureNamespace' | 'onError'> {
  /** Holds the objects, and the folders and logs of Pods. One process at a time uses it. */
  readonly state: string;
  /** Most builds at once; by default one a core. */
  readonly builds?: number;
  readonly resyncPeriodSeconds?: number;
  /** Told of what is odd in the state folder. */
  readonly say: (sentence: string) => void;
}

export type Applied = 'created' | 'configured' | 'unchanged';

/** Plays the API server, Metacontroller and the kubelet where there is no cluster. */
export interface Embedded {
  /** As `kubectl apply`: what the manifest holds is replaced, the status stays. */
  apply(manifest: NewObject): Promise<Applied>;
  /** Marks an image for deletion; it is gone when the hook has finalized it. */
  remove(namespace: string, name: string): Promise<void>;
  images(): readonly KubeObject[];
  /** Calls `changed` after each change of an image; the answer ends it. */
  watch(changed: (image: KubeObject) => void): () => void;
  /** Asks the hook about every image. */
  resyncAll(): void;
  /** Ends the builders, and waits for them. */
  close(): Promise<void>;
}

export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { state, builds = availableParallelism(), resyncPeriodSeconds = 120 } = options;
  const store = await ObjectStore.open(join(state, 'objects'), options.say);
  const kubelet = new Kubelet({ ...options, store, builds });
  await kubelet.start();
  const controller = new Controller({ ...options, store, resyncPeriodSeconds });
  return {
    apply: (manifest) => apply(store, manifest),
    remove: (namespace, name) => store.remove({ kind: 'NixImage', namespace, name }),
    images: () => store.list('NixImage'),
    watch: (changed) =>
      store.watch(({ object }) => {
        if (object.kind === 'NixImage') changed(object);
      }),
    resyncAll: () => controller.resyncAll(),
    async close() {
      await controller.close();
      await kubelet.close();
    },
  };
}

async function apply(store: ObjectStore, manifest: NewObject): Promise<Applied> {
  const { apiVersion, kind, metadata, ...rest } = manifest;
  if ((await store.create(manifest)) !== undefined) return 'created';
  const before = store.get({ kind, ...metadata });
  const after = await store.update(
    { kind, namespace: metadata.namespace, name: metadata.name },
    (object) => ({
      ...rest,
      apiVersion,
      kind,
      metadata: withUserFields(object.metadata, metadata),
      ...('status' in object ? { status: object['status'] } : {}),
    }),
  );
  return before === after ? 'unchanged' : 'configured';
}

function withUserFields(metadata: KubeObject['metadata'], { labels, annotations }: NewObject['metadata']) {
  const { labels: _labels, annotations: _annotations, ...kept } = metadata;
  return {
    ...kept,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
