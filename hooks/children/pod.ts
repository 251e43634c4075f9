import { type BuildOrder, buildOrderArguments } from '../../runtime/contract/buildOrder.ts';
import type { PackageSet } from '../../runtime/contract/packageSet.ts';
import type { Child } from '../metacontroller.ts';
import { expressionKey } from './configMap.ts';
import { labels } from './labels.ts';

/** How builder Pods are made; the operator's configuration says it. */
export interface PodSettings {
  readonly image: string;
  /** What `<nixpkgs>` stands for: a path or a URL. */
  readonly nixpkgs: string;
  readonly packageSet: PackageSet;
  readonly cpu: string;
  readonly memory: string;
  readonly storage: string;
  /** Seconds that a build may take. */
  readonly timeout: number;
}

/** The claim on its namespace's part of the volume, which the DecoratorController makes. */
export const storeClaim = 'niximage-store';

/** The container that builds; its status is the build's. */
export const builderContainer = 'builder';

const mounts = {
  expression: '/niximage/expression',
  store: '/niximage/store',
  nix: '/nix',
  temporary: '/tmp',
} as const;

type Job = Omit<BuildOrder, 'expression' | 'store' | 'terminationLog' | 'packageSet'>;

/**
 * The Pod that builds an image. It keeps the rules of Pod Security "restricted", so Nix runs as a plain user, without
 * its sandbox: https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function builderPod(job: Job, configMapName: string, settings: PodSettings): Child {
  const order: BuildOrder = {
    ...job,
    packageSet: settings.packageSet,
    expression: `${mounts.expression}/${expressionKey}`,
    store: mounts.store,
    terminationLog: '/dev/termination-log',
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: job.pod,
      labels: labels(job.name),
      annotations: { 'sidecar.istio.io/inject': 'false' },
    },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: settings.timeout,
      terminationGracePeriodSeconds: 30,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        fsGroup: 1000,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: builderContainer,
          image: settings.image,
          args: ['builder', ...buildOrderArguments(order)],
          env: [
            { name: 'HOME', value: `${mounts.temporary}/home` },
            { name: 'TMPDIR', value: mounts.temporary },
            { name: 'NIX_PATH', value: `nixpkgs=${settings.nixpkgs}` },
          ],
          resources: {
            requests: { cpu: settings.cpu, memory: settings.memory, 'ephemeral-storage': settings.storage },
            limits: { memory: settings.memory, 'ephemeral-storage': settings.storage },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          terminationMessagePath: order.terminationLog,
          terminationMessagePolicy: 'FallbackToLogsOnError',
          volumeMounts: [
            { name: 'expression', mountPath: mounts.expression, readOnly: true },
            { name: 'store', mountPath: mounts.store },
            { name: 'nix', mountPath: mounts.nix },
            { name: 'temporary', mountPath: mounts.temporary },
          ],
        },
      ],
      volumes: [
        { name: 'expression', configMap: { name: configMapName } },
        { name: 'store', persistentVolumeClaim: { claimName: storeClaim } },
        { name: 'nix', emptyDir: {} },
        { name: 'temporary', emptyDir: {} },
      ],
    },
  };
}
