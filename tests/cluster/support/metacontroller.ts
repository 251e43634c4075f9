import { fileURLToPath } from 'node:url';
import { neededFlags } from '../../../cli/doctor/checks/metacontroller.ts';
import type { Cluster } from './cluster.ts';

/** Path of a Metacontroller; it is on no package registry. Without it the embedded stand-in runs. */
export const metacontrollerProgram = process.env['METACONTROLLER'];

/** Which of the two it is, for a person. */
export const metacontrollerTitle =
  metacontrollerProgram === undefined
    ? 'the embedded stand-in for Metacontroller'
    : 'the real Metacontroller';

const standIn = fileURLToPath(new URL('../standIn', import.meta.url));

/** The flags that docs/cluster.md asks for, and `niximage doctor` looks for. */
export const metacontrollerFlags = neededFlags.map(({ name, least }) => `${name}=${least}`);

const kinds = ['CompositeController', 'DecoratorController'];

/**
 * Applies Metacontroller's definitions: its own file where METACONTROLLER_CRDS names it; else definitions of the same
 * names that take any fields, so that our manifests can be applied.
 */
export async function applyMetacontrollerDefinitions(cluster: Cluster): Promise<void> {
  const file = process.env['METACONTROLLER_CRDS'];
  const answer =
    file === undefined
      ? await cluster.kubectl(['apply', '-f', '-'], kinds.map(looseDefinition).join('\n---\n'))
      : await cluster.kubectl(['apply', '--server-side', '-f', file]);
  if (answer.exitCode !== 0) throw new Error(`Metacontroller's definitions: ${answer.stderr}`);
  const names = kinds.map((kind) => `crd/${pluralOf(kind)}.metacontroller.k8s.io`);
  const waited = await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=30s', ...names]);
  if (waited.exitCode !== 0) throw new Error(waited.stderr);
}

function looseDefinition(kind: string): string {
  const plural = pluralOf(kind);
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.metacontroller.k8s.io`,
      // Asked for in every group of k8s.io.
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' },
    },
    spec: {
      group: 'metacontroller.k8s.io',
      scope: 'Cluster',
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  });
}

function pluralOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

/**
 * Metacontroller as its own manifests install it, with the flags that docs/cluster.md asks for.
 * @param image its own, or the project's, which the stand-in runs in.
 */
export function metacontrollerManifest(image: string): string {
  const metadata = { name: 'metacontroller', namespace: 'metacontroller' };
  const subject = { kind: 'ServiceAccount', ...metadata };
  const labels = { 'app.kubernetes.io/name': 'metacontroller' };
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'metacontroller' } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'metacontroller' },
      subjects: [subject],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { ...metadata, labels },
      spec: {
        serviceName: '',
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { serviceAccountName: 'metacontroller', ...containers(image) },
        },
      },
    },
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

function containers(image: string): Readonly<Record<string, unknown>> {
  const container = { name: 'metacontroller', image, args: metacontrollerFlags };
  if (metacontrollerProgram !== undefined) return { containers: [container] };
  // It is no part of the project's image, and finds there what it imports.
  const mountPath = '/niximage/tests/cluster/standIn';
  return {
    containers: [
      {
        ...container,
        command: ['node', `${mountPath}/main.ts`],
        securityContext: { runAsUser: 0 },
        volumeMounts: [{ name: 'stand-in', mountPath, readOnly: true }],
      },
    ],
    volumes: [{ name: 'stand-in', hostPath: { path: standIn } }],
  };
}
