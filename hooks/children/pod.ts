import { type BuildOrder, buildOrderArguments } from '../../runtime/contract/buildOrder.ts';
import type { PackageSet } from '../../runtime/contract/packageSet.ts';
import { sourceTexts } from '../../runtime/contract/sources.ts';
import type { Child } from '../metacontroller.ts';
import type { SourceVolumes } from '../policy/sourceVolumes.ts';
import { expressionKey, textsKey } from './configMap.ts';
import { type Fetching, fetchingEnvironment, secretMounts, secretVolumes } from './fetching.ts';
import { labels } from './labels.ts';
import { type NetworkSettings, networkEnvironment } from './network.ts';
import type { PodOptions } from './podOptions.ts';
import { sourceMounts, sourceVolumes, withFolders } from './sourceFolders.ts';

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
  readonly network?: NetworkSettings;
  /** Settings of Nix's for every builder, as nix.conf has them. */
  readonly nixConfig?: string;
  /** Volumes that sources may lie on. */
  readonly sourceVolumes?: SourceVolumes;
  /** The operator's defaults for all else. */
  readonly defaults?: PodOptions;
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

type Job = Omit<BuildOrder, 'expression' | 'sourceTexts' | 'store' | 'terminationLog' | 'packageSet'>;

/**
 * The Pod that builds an image. It keeps the rules of Pod Security "restricted", so Nix runs as a plain user, without
 * its sandbox: https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function builderPod(
  job: Job,
  configMapName: string,
  settings: PodSettings,
  own: PodOptions = {},
  fetching: Fetching = {},
): Child {
  const { sources = [] } = job;
  const order: BuildOrder = {
    ...job,
    ...(job.sources === undefined ? {} : { sources: withFolders(sources) }),
    ...(sourceTexts(sources) === undefined ? {} : { sourceTexts: `${mounts.expression}/${textsKey}` }),
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
      labels: { ...own.labels, ...labels(job.name) },
      annotations: { 'sidecar.istio.io/inject': 'false', ...own.annotations },
    },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: own.timeout ?? settings.timeout,
      ...placement(own),
      terminationGracePeriodSeconds: 30,
      // Whoever names an account of its own wants its token.
      automountServiceAccountToken: own.serviceAccountName !== undefined,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        // No fsGroup: it sets the setgid bit on emptyDir volumes, folders inherit it, and Nix keeps builds from setting it.
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
            ...networkEnvironment(settings.network ?? {}),
            ...fetchingEnvironment(settings.nixConfig, fetching),
          ],
          resources: resources(settings, own),
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
            ...secretMounts(fetching),
            ...sourceMounts(sources),
          ],
        },
      ],
      volumes: [
        { name: 'expression', configMap: { name: configMapName } },
        { name: 'store', persistentVolumeClaim: { claimName: storeClaim } },
        { name: 'nix', ...nixVolume(fetching) },
        { name: 'temporary', emptyDir: {} },
        ...secretVolumes(fetching),
        ...sourceVolumes(sources, settings.sourceVolumes ?? {}),
      ],
    },
  };
}

/** The claim is of the Pod's own namespace, as the API server has it, so that none shares its /nix with another. */
function nixVolume({ nix }: Fetching): Readonly<Record<string, unknown>> {
  return nix?.claim === undefined ? { emptyDir: {} } : { persistentVolumeClaim: { claimName: nix.claim } };
}

function placement({
  nodeSelector,
  tolerations,
  affinity,
  priorityClassName,
  runtimeClassName,
  serviceAccountName,
  imagePullSecrets,
}: PodOptions): Readonly<Record<string, unknown>> {
  return {
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(tolerations === undefined ? {} : { tolerations }),
    ...(affinity === undefined ? {} : { affinity }),
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    ...(imagePullSecrets === undefined
      ? {}
      : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
  };
}

/** What it asks for, and what it is held to; the CPU is not, for a build may take what nobody else needs. */
function resources(settings: PodSettings, own: PodOptions): Readonly<Record<string, unknown>> {
  const cpu = own.cpu === undefined ? settings.cpu : String(own.cpu);
  const memory = own.memory ?? settings.memory;
  const storage = own.storage ?? settings.storage;
  return {
    requests: { cpu, memory, 'ephemeral-storage': storage },
    limits: { memory, 'ephemeral-storage': storage },
  };
}
