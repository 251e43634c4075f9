import type { ObjectKey } from '../../../metacontroller/embedded/objects/kubeObject.ts';

/** The kinds that the stand-in watches. */
export const resources = {
  NixImage: { api: '/apis/k8s.nixos.org/v1', plural: 'niximages' },
  ConfigMap: { api: '/api/v1', plural: 'configmaps' },
  Pod: { api: '/api/v1', plural: 'pods' },
  Namespace: { api: '/api/v1', plural: 'namespaces' },
  PersistentVolume: { api: '/api/v1', plural: 'persistentvolumes' },
  PersistentVolumeClaim: { api: '/api/v1', plural: 'persistentvolumeclaims' },
  NetworkPolicy: { api: '/apis/networking.k8s.io/v1', plural: 'networkpolicies' },
} as const;

export type Kind = keyof typeof resources;

export const kinds: readonly Kind[] = [
  'NixImage',
  'ConfigMap',
  'Pod',
  'Namespace',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'NetworkPolicy',
];

/** @throws {Error} for a kind that is none of them. */
function kindOf(text: string): Kind {
  const kind = kinds.find((each) => each === text);
  if (kind === undefined) throw new Error(`the stand-in knows no ${text}`);
  return kind;
}

/** As in a hook's request: `Pod.v1`, `NetworkPolicy.networking.k8s.io/v1`. */
export function groupOf(kind: Kind): string {
  return `${kind}.${apiVersionOf(kind)}`;
}

export function apiVersionOf(kind: Kind): string {
  return resources[kind].api.replace(/^\/apis?\//, '');
}

/** Of all objects of a kind, in all namespaces. */
export function listPath(kind: Kind): string {
  const { api, plural } = resources[kind];
  return `${api}/${plural}`;
}

/** Of one object; of those of its namespace where it has no name. */
export function pathOf({ kind, namespace, name }: ObjectKey): string {
  const { api, plural } = resources[kindOf(kind)];
  return `${api}${namespace === '' ? '' : `/namespaces/${namespace}`}/${plural}${name === '' ? '' : `/${name}`}`;
}
