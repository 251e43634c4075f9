import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClusterView } from '../../../../cli/doctor/view.ts';

const standIn = fileURLToPath(new URL('kubectl.mjs', import.meta.url));

export interface KubectlStandIn {
  /** To be called as kubectl is. */
  readonly program: string;
  /** What was asked of the cluster. */
  world(): Promise<{ readonly created?: readonly unknown[]; readonly deleted?: readonly string[] }>;
}

export interface StandInOptions {
  /** What a Pod that is to pull waits for. */
  readonly pull?: { readonly reason: string; readonly message?: string };
  /** What each `get` fails with. */
  readonly error?: string;
}

/** A kubectl in a folder, before a cluster that is as the view says. */
export async function writeKubectl(
  folder: string,
  view: ClusterView,
  { pull = { reason: 'CreateContainerError' }, error }: StandInOptions = {},
): Promise<KubectlStandIn> {
  const list = <Item>(item: Item | undefined): Item[] => (item === undefined ? [] : [item]);
  const resources = {
    customresourcedefinitions: list(view.definition),
    'deployments.apps': view.workloads.filter(({ kind }) => kind === 'Deployment'),
    'statefulsets.apps': view.workloads.filter(({ kind }) => kind === 'StatefulSet'),
    'compositecontrollers.metacontroller.k8s.io': view.controllers,
    'decoratorcontrollers.metacontroller.k8s.io': view.controllers,
    pods: view.pods,
    events: view.warnings,
    configmaps: [...view.configMaps, ...list(view.kubeProxy)],
    persistentvolumeclaims: view.claims,
    persistentvolumes: view.volumes,
    namespaces: view.namespaces,
    nodes: view.nodes,
    'niximages.k8s.nixos.org': view.images,
  };
  const file = join(folder, 'cluster.json');
  const program = join(folder, 'kubectl');
  await writeFile(file, JSON.stringify({ resources, pull, error }));
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${standIn}' '${file}' "$@"\n`);
  await chmod(program, 0o755);
  return { program, world: async () => JSON.parse(await readFile(file, 'utf8')) };
}
