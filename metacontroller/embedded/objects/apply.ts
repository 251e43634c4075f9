import type { KubeObject } from './kubeObject.ts';
import type { NewObject, ObjectStore } from './objectStore.ts';

export type Applied = 'created' | 'configured' | 'unchanged';

/** As `kubectl apply`: what the manifest holds is replaced, the status stays. */
export async function apply(store: ObjectStore, manifest: NewObject): Promise<Applied> {
  const { apiVersion, kind, metadata, ...rest } = manifest;
  if ((await store.create(manifest)) !== undefined) return 'created';
  const key = { kind, namespace: metadata.namespace, name: metadata.name };
  const before = store.get(key);
  const after = await store.update(key, (object) => ({
    ...rest,
    apiVersion,
    kind,
    metadata: withUserFields(object.metadata, metadata),
    ...('status' in object ? { status: object['status'] } : {}),
  }));
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
