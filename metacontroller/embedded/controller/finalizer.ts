import type { KubeObject } from '../objects/kubeObject.ts';

/** Keeps a parent until the hook has finalized it; the name is Metacontroller's. */
const finalizer = 'metacontroller.io/compositecontroller-niximages';

export function isFinalizing({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** What is being deleted gets none any more. */
export function withFinalizer(object: KubeObject): KubeObject {
  const finalizers = object.metadata.finalizers ?? [];
  if (isFinalizing(object) || finalizers.includes(finalizer)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}

export function withoutFinalizer(object: KubeObject): KubeObject {
  const finalizers = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers } };
}
