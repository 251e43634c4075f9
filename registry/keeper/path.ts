import { isNamespace, isTag } from '../../oci/names.ts';

/** What a request to the keeper's internal port asks for (`runtime/contract/keeper.ts`). Every part has been checked. */
export type KeeperPath =
  | { readonly kind: 'ImageState'; readonly namespace: string; readonly name: string; readonly tag: string }
  | { readonly kind: 'Progress'; readonly namespace: string; readonly name: string; readonly pod: string }
  | { readonly kind: 'Build'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'Finalize'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'Slot'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'Namespace'; readonly namespace: string }
  | { readonly kind: 'Malformed'; readonly message: string }
  | { readonly kind: 'Unknown' };

const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
/** RFC 1123, as Kubernetes applies it to the names of Pods and custom resources. */
const namePattern = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`);

/** Reads a request's raw URL; nothing is decoded, and a query is refused. Never throws. */
export function parseKeeperPath(url: string): KeeperPath {
  const [empty, internal, version, namespaces, namespace, images, name, what, last, ...more] = url.split('/');
  if (empty !== '' || internal !== 'internal' || version !== 'v1' || namespaces !== 'namespaces')
    return unknown;
  if (namespace === undefined || more.length > 0) return unknown;
  if (!isNamespace(namespace)) return malformed('namespace');
  if (images === undefined) return { kind: 'Namespace', namespace };
  if (images !== 'images' || name === undefined) return unknown;
  if (!namePattern.test(name)) return malformed('image name');
  if (what === 'build' && last === undefined) return { kind: 'Build', namespace, name };
  if (what === 'slot' && last === undefined) return { kind: 'Slot', namespace, name };
  if (what === 'finalize' && last === undefined) return { kind: 'Finalize', namespace, name };
  if (last === undefined) return unknown;
  if (what === 'tags')
    return isTag(last) ? { kind: 'ImageState', namespace, name, tag: last } : malformed('tag');
  if (what === 'progress')
    return namePattern.test(last) ? { kind: 'Progress', namespace, name, pod: last } : malformed('Pod name');
  return unknown;
}

const unknown: KeeperPath = { kind: 'Unknown' };

function malformed(what: string): KeeperPath {
  return {
    kind: 'Malformed',
    message: `the ${what} in the path is not one that Kubernetes or the registry allows`,
  };
}
