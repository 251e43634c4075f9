import type { PodSettings } from '../children/pod.ts';
import { repositoryName } from '../children/repository.ts';
import type { SyncRequest } from '../metacontroller.ts';
import type { Phase } from '../phase/phase.ts';
import type { ImageStatus, NixImage } from '../resource/niximage.ts';
import { conditions, type Verdict } from './conditions.ts';
import type { Failure } from './failure.ts';
import type { LastBuild, LastStatus } from './lastStatus.ts';
import { resolvedSources } from './sources.ts';

interface Context {
  readonly last: LastStatus;
  /** RFC 3339. */
  readonly at: string;
  readonly generation: number;
  readonly request: SyncRequest;
  readonly options: {
    readonly registryHost: string;
    readonly pod: Pick<PodSettings, 'packageSet' | 'nixpkgs'>;
  };
}

/** Where something new may be to be said. */
type ToldPhase = Exclude<Phase, { kind: 'Starting' }>;

/** The status of an image that stands in this phase. What is served now stays in it until something else is. */
export function statusOf(phase: Phase, context: Context): unknown {
  const { last, at, generation } = context;
  if (phase.kind === 'Starting') return last.whole;
  const verdict = verdictOf(phase);
  const said = (of: number) => conditions(verdict, last.conditions, at, of);
  // Nothing is known, so nothing new is said, but that it is not known. A change of the manifest waits to be looked into.
  if (phase.kind === 'Unknown')
    return {
      state: 'BuildPending',
      ...last.whole,
      observedGeneration: generation,
      conditions: said(last.generation ?? generation),
    };
  return {
    state: stateOf(phase),
    observedGeneration: generation,
    ...details(phase, context),
    conditions: said(generation),
  };
}

function details(phase: Exclude<ToldPhase, { kind: 'Unknown' }>, context: Context): ImageStatus {
  const { last, options } = context;
  const packageSet = options.pod.packageSet === 'demo' ? { packageSet: 'demo' } : {};
  switch (phase.kind) {
    case 'Invalid':
      return {
        ...last.served,
        ...lastBuild(last),
        failure: { reason: phase.reason ?? 'Invalid', message: phase.message },
      };
    case 'Suspended':
      return {
        version: phase.image.data.tag,
        ...last.served,
        ...packageSet,
        ...lastBuild(last, notBegun),
      };
    case 'Waiting':
    case 'NoNamespace':
      return {
        version: phase.image.data.tag,
        ...last.served,
        ...packageSet,
        ...lastBuild(last),
      };
    case 'Built': {
      const { publication, image, hash } = phase;
      const name = `${options.registryHost}/${repositoryName(image)}`;
      return {
        version: image.data.tag,
        image: `${name}:${image.data.tag}`,
        imageRef: `${name}@${publication.digest}`,
        digest: publication.digest,
        size: publication.size,
        ...packageSet,
        ...sourcesStatus(image, hash, context),
        build: builtBuild(hash, publication.ordinal, context),
      };
    }
    default: {
      const { image, build } = phase;
      const failure = 'failure' in phase ? { failure: failureStatus(phase.failure) } : {};
      const isThere = context.request.children.pods.has(build.pod);
      return {
        version: image.data.tag,
        ...last.served,
        ...packageSet,
        ...sourcesStatus(image, build.inputHash, context),
        build: { ...build, ...times(build.pod, context) },
        ...(phase.kind === 'Queued' ? { queue: { since: phase.since, ...phase.place } } : {}),
        ...failure,
        ...(isThere ? { logs: `kubectl logs --namespace ${image.namespace} ${build.pod}` } : {}),
      };
    }
  }
}

/** Its Pod was taken away, which is to count as no attempt. */
function notBegun({ inputHash, ordinal, attempt }: LastBuild): NonNullable<ImageStatus['build']> {
  return { inputHash, ordinal, attempt };
}

/** The build that was last, with what its sources were: they are those of its input still. */
function lastBuild(
  { build, whole }: LastStatus,
  said: (build: LastBuild) => NonNullable<ImageStatus['build']> = (each) => each,
): Pick<ImageStatus, 'build' | 'sources'> {
  if (build === undefined) return {};
  return { build: said(build), ...(whole.sources === undefined ? {} : { sources: whole.sources }) };
}

function sourcesStatus(
  { data }: NixImage,
  inputHash: string,
  { request, last, options }: Context,
): Pick<ImageStatus, 'sources'> {
  const sources = resolvedSources(data, inputHash, request, last, options.pod.nixpkgs);
  return sources.length === 0 ? {} : { sources: [...sources] };
}

/** The build that published what is served: the one in the status, where it was that. */
function builtBuild(hash: string, ordinal: number, context: Context): NonNullable<ImageStatus['build']> {
  const build = context.last.build;
  if (build?.inputHash !== hash) return { inputHash: hash, ordinal, attempt: 1 };
  return { ...build, ordinal, ...times(build.pod ?? '', context) };
}

/**
 * When the Pod began and ended: as it says now, else as it was seen last. One that does not run yet has begun when it was
 * made, so that one that vanishes before it runs is known to have been there.
 */
function times(pod: string, { request, last }: Context): { startedAt?: string; finishedAt?: string } {
  const { container, metadata } = request.children.pods.get(pod) ?? {};
  const seen = last.build?.pod === pod ? last.build : undefined;
  const ran = container?.kind === 'Waiting' ? undefined : container?.startedAt;
  const startedAt = ran ?? seen?.startedAt ?? metadata?.creationTimestamp;
  const finishedAt =
    (container?.kind === 'Terminated' ? container.finishedAt : undefined) ?? seen?.finishedAt;
  return {
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
  };
}

function failureStatus({
  reason,
  message,
  attribute,
  logTail,
}: Failure): NonNullable<ImageStatus['failure']> {
  return {
    reason,
    message,
    ...(attribute === undefined ? {} : { attribute }),
    ...(logTail === undefined ? {} : { logTail }),
  };
}

function stateOf(phase: Exclude<ToldPhase, { kind: 'Unknown' }>): NonNullable<ImageStatus['state']> {
  switch (phase.kind) {
    case 'Built':
      return 'Built';
    case 'Invalid':
    case 'Failed':
      return 'Failed';
    case 'Building':
    case 'Publishing':
      return 'Building';
    case 'Suspended':
    case 'Waiting':
    case 'NoNamespace':
    case 'Pending':
    case 'Queued':
    case 'Retrying':
    case 'Blocked':
      return 'BuildPending';
  }
}

function verdictOf(phase: ToldPhase): Verdict {
  switch (phase.kind) {
    case 'Built':
      return {
        ready: 'True',
        reconciling: false,
        stalled: false,
        reason: 'Built',
        message: 'the image is served',
      };
    case 'Invalid':
      return {
        ready: 'False',
        reconciling: false,
        stalled: true,
        reason: phase.reason ?? 'Invalid',
        message: phase.message,
      };
    case 'Failed':
      return {
        ready: 'False',
        reconciling: false,
        stalled: true,
        reason: phase.failure.reason,
        message: phase.failure.message,
      };
    case 'Blocked':
      return {
        ready: 'False',
        reconciling: false,
        stalled: true,
        reason: 'ChildMissing',
        message: phase.message,
      };
    case 'Unknown':
      return {
        ready: 'Unknown',
        reconciling: true,
        stalled: false,
        reason: 'RegistryUnknown',
        message: `whether the image is there cannot be told now: ${phase.message}; nothing is built until it can`,
      };
    case 'NoNamespace':
      return {
        ready: 'False',
        reconciling: true,
        stalled: false,
        reason: 'NamespaceNotEnabled',
        message: noNamespace(phase.image),
      };
    case 'Waiting':
      return {
        ready: 'False',
        reconciling: true,
        stalled: false,
        reason: 'ConfigMapMissing',
        message: phase.message,
      };
    case 'Suspended':
      return {
        ready: 'False',
        reconciling: false,
        stalled: false,
        reason: 'Suspended',
        message: 'data.suspend is true, so nothing is built; set it to false, or leave it out',
      };
    case 'Pending':
      return {
        ready: 'False',
        reconciling: true,
        stalled: false,
        reason: phase.reason,
        message: phase.message,
      };
    case 'Queued':
      return { ready: 'False', reconciling: true, stalled: false, reason: 'Queued', message: phase.message };
    case 'Building':
      return {
        ready: 'False',
        reconciling: true,
        stalled: false,
        reason: 'Building',
        message: `the Pod ${phase.build.pod} builds the image`,
      };
    case 'Publishing':
      return {
        ready: 'False',
        reconciling: true,
        stalled: false,
        reason: 'Publishing',
        message: 'the image is built, and the registry is about to serve it',
      };
    case 'Retrying':
      return {
        ready: 'False',
        reconciling: true,
        stalled: false,
        reason: phase.failure.reason,
        message: `${phase.failure.message}; it is tried again at ${phase.until}`,
      };
  }
}

function noNamespace({ namespace }: NixImage): string {
  return `the namespace ${namespace} has no place for images yet; \`kubectl label namespace ${namespace} k8s.nixos.org/images=enabled\` gives it one`;
}
