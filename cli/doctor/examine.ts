import type { Terminal } from '../command.ts';
import { checkDefinition } from './checks/definition.ts';
import { checkMetacontroller } from './checks/metacontroller.ts';
import { checkNodePort } from './checks/nodePort.ts';
import { checkNamespaces, checkVolume } from './checks/volume.ts';
import { checkParts } from './checks/workload.ts';
import type { Finding } from './finding.ts';
import { kubectlOf } from './kubectl.ts';
import { checkPull } from './pull.ts';
import { type ClusterView, readCluster } from './view.ts';

export interface ExamineOptions {
  readonly kubectl: string;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly 'skip-pull': boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** All checks, in the order in which things have to be put right. @throws {KubectlError} */
export async function examine(options: ExamineOptions, { cwd, env, signal }: Terminal): Promise<Finding[]> {
  const { kubeconfig, context, timeout } = options;
  const words = [
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
  ];
  const kubectl = kubectlOf({ program: options.kubectl, words, cwd, env, signal });
  const view = await readCluster(kubectl);
  const seen = lookAt(view);
  return options['skip-pull'] ? seen : [...seen, ...(await checkPull(kubectl, view, { timeout, signal }))];
}

/** What can be told without starting anything. */
export function lookAt(view: ClusterView): Finding[] {
  return [
    ...checkDefinition(view),
    checkMetacontroller(view),
    ...checkParts(view),
    checkVolume(view),
    checkNamespaces(view),
    ...checkNodePort(view),
  ];
}
