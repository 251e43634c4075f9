import { storeClaim } from '../children/pod.ts';
import type { Child } from '../metacontroller.ts';
import { decorationLabels } from './labels.ts';

/** Where the store lies, as a cluster's nodes reach it; each namespace gets the folder of its name below `path`. */
export type VolumeSettings = {
  readonly path: string;
  /** A quantity; neither kind of volume enforces it. */
  readonly size: string;
  readonly mountOptions: readonly string[];
} & (
  | { readonly kind: 'HostPath'; readonly node: string }
  | { readonly kind: 'Nfs'; readonly server: string }
);

/** No namespace's name makes it the name of the volume that the keeper and the registry mount. */
function volumeName(namespace: string): string {
  return `niximage-namespace-${namespace}`;
}

/** The volume that shows a namespace its own folder, and nothing above it. It outlives its claim: `Retain`. */
export function namespaceVolume(namespace: string, settings: VolumeSettings): Child {
  const path = `${settings.path}/${namespace}`;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName(namespace), labels: decorationLabels },
    spec: {
      accessModes: ['ReadWriteMany'],
      capacity: { storage: settings.size },
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      volumeMode: 'Filesystem',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: storeClaim },
      ...(settings.mountOptions.length === 0 ? {} : { mountOptions: settings.mountOptions }),
      ...source(path, settings),
    },
  };
}

/** The folder must be there: one that the kubelet made would belong to root, and hide that the disk is not mounted. */
function source(path: string, settings: VolumeSettings): Readonly<Record<string, unknown>> {
  switch (settings.kind) {
    case 'HostPath':
      return { hostPath: { path, type: 'Directory' }, nodeAffinity: onNode(settings.node) };
    case 'Nfs':
      return { nfs: { server: settings.server, path } };
  }
}

function onNode(node: string): unknown {
  const expression = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
  return { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } };
}

/**
 * The claim that builders of the namespace mount. Of the volumes with our labels only its own is reserved for it. It does
 * not name that one: then, by chance, the two halves of the cluster's controller hinder each other, and it is bound when
 * they look again, 15 seconds later.
 */
export function namespaceClaim(namespace: string, settings: VolumeSettings): Child {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: storeClaim, namespace, labels: decorationLabels },
    spec: {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: settings.size } },
      storageClassName: '',
      volumeMode: 'Filesystem',
      selector: { matchLabels: decorationLabels },
    },
  };
}
