/** A Kubernetes object, as far as the stand-in looks at it: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  /** RFC 3339. */
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Names one object. Namespaces themselves have an empty namespace. */
export interface ObjectKey {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Where it is said, an object of that name with another uid is not meant. */
  readonly uid?: string;
}

export type ObjectEvent =
  | { readonly type: 'Added' | 'Modified'; readonly object: KubeObject }
  | { readonly type: 'Deleted'; readonly object: KubeObject };

/** Names this very object, not a later one of its name. */
export function keyOf({ kind, metadata }: KubeObject): Required<ObjectKey> {
  return { kind, namespace: metadata.namespace, name: metadata.name, uid: metadata.uid };
}

/** `Pod/default/x`; a map's key, and what `parseKey` reads. */
export function textOf({ kind, namespace, name }: ObjectKey): string {
  return `${kind}/${namespace}/${name}`;
}

export function parseKey(text: string): ObjectKey {
  const [kind = '', namespace = '', name = ''] = text.split('/');
  return { kind, namespace, name };
}

/** RFC 1123's subdomain, which names of objects are: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export function isObjectName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text);
}

export function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  return (object.metadata.ownerReferences ?? []).some(
    ({ uid, controller }) => controller === true && uid === owner.metadata.uid,
  );
}

/** A time, or now, as Kubernetes writes it: to the second. */
export function timestamp(milliseconds = Date.now()): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Reads a file of the store's own; undefined where it holds no object. */
export function parseObject(text: string): KubeObject | undefined {
  try {
    // The store writes whole objects and nothing else; what it did not write has no uid.
    const value = JSON.parse(text) as Partial<KubeObject> | null;
    return typeof value?.metadata?.uid === 'string' && typeof value.kind === 'string'
      ? (value as KubeObject)
      : undefined;
  } catch {
    return undefined;
  }
}
