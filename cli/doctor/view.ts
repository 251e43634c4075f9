import { field, readPath } from '../readPath.ts';
import type { ClusterObject, Kubectl } from './kubectl.ts';

export const systemNamespace = 'niximage-system';

/** What the checks look at, read once. */
export interface ClusterView {
  readonly definition: ClusterObject | undefined;
  /** Deployments and StatefulSets of all namespaces. */
  readonly workloads: readonly ClusterObject[];
  /** The CompositeController and the DecoratorController, where they are there. */
  readonly controllers: readonly ClusterObject[];
  /** Of niximage-system: Pods, warnings about them, ConfigMaps. */
  readonly pods: readonly ClusterObject[];
  readonly warnings: readonly ClusterObject[];
  readonly configMaps: readonly ClusterObject[];
  readonly claims: readonly ClusterObject[];
  readonly volumes: readonly ClusterObject[];
  readonly namespaces: readonly ClusterObject[];
  readonly nodes: readonly ClusterObject[];
  readonly kubeProxy: ClusterObject | undefined;
  readonly images: readonly ClusterObject[];
}

/** @throws {KubectlError} */
export async function readCluster(kubectl: Kubectl): Promise<ClusterView> {
  // First, alone: where the cluster cannot be reached, one call says so.
  const [definition] = await kubectl.get('customresourcedefinitions', 'niximages.k8s.nixos.org');
  const everywhere = '--all-namespaces';
  const here = `--namespace=${systemNamespace}`;
  const [deployments, statefulSets, composite, decorator] = await Promise.all([
    kubectl.get('deployments.apps', everywhere),
    kubectl.get('statefulsets.apps', everywhere),
    kubectl.get('compositecontrollers.metacontroller.k8s.io', 'niximages'),
    kubectl.get('decoratorcontrollers.metacontroller.k8s.io', 'niximage-namespaces'),
  ]);
  const [pods, warnings, configMaps, claims, volumes, namespaces, nodes, [kubeProxy], images] =
    await Promise.all([
      kubectl.get('pods', here),
      kubectl.get('events', here, '--field-selector=type=Warning'),
      kubectl.get('configmaps', here),
      kubectl.get('persistentvolumeclaims', everywhere),
      kubectl.get('persistentvolumes'),
      kubectl.get('namespaces', '--selector=k8s.nixos.org/images=enabled'),
      kubectl.get('nodes'),
      kubectl.get('configmaps', 'kube-proxy', '--namespace=kube-system'),
      kubectl.get('niximages.k8s.nixos.org', everywhere),
    ]);
  return {
    definition,
    workloads: [...deployments, ...statefulSets],
    controllers: [...composite, ...decorator],
    pods,
    warnings,
    configMaps,
    claims,
    volumes,
    namespaces,
    nodes,
    kubeProxy,
    images,
  };
}

/** The text at a path of an object; empty where there is none. */
export function textAt(object: unknown, path: string): string {
  const value = readPath(object, path);
  return typeof value === 'string' ? value : '';
}

export function listAt(object: unknown, path: string): readonly unknown[] {
  const value = readPath(object, path);
  return Array.isArray(value) ? value : [];
}

export function labelOf(object: unknown, label: string): string {
  const value = field(readPath(object, '.metadata.labels'), label);
  return typeof value === 'string' ? value : '';
}

export function nameOf(object: unknown): string {
  return textAt(object, '.metadata.name');
}

export function namespaceOf(object: unknown): string {
  return textAt(object, '.metadata.namespace');
}

/** Names of the nodes that Pods can be put on. */
export function usableNodes(view: ClusterView): readonly string[] {
  return view.nodes
    .filter((node) => textAt(node, '.status.conditions[?(@.type=="Ready")].status') === 'True')
    .map(nameOf);
}
