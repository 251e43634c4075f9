import type { PublicationView } from '../../runtime/contract/keeper.ts';
import { observedDigest } from '../children/configMap.ts';
import { configMapName } from '../children/names.ts';
import type { ObservedPod, SyncRequest } from '../metacontroller.ts';
import type { NixImage } from '../resource/niximage.ts';
import { type Failure, failureOf } from '../status/failure.ts';
import type { LastBuild } from '../status/lastStatus.ts';
import { type Build, mostAttempts, retryTime } from './attempt.ts';

/** Where an image stands. */
export type Phase =
  | { readonly kind: 'Invalid'; readonly message: string }
  | { readonly kind: 'Unknown'; readonly message: string }
  | { readonly kind: 'NoNamespace'; readonly image: NixImage }
  | {
      readonly kind: 'Built';
      readonly image: NixImage;
      readonly hash: string;
      readonly publication: PublicationView;
    }
  | BuildPhase;

/** Where a build stands. */
export type BuildPhase = InBuild &
  (
    | { readonly kind: 'Pending'; readonly message: string }
    | { readonly kind: 'Building' }
    | { readonly kind: 'Publishing' }
    | { readonly kind: 'Retrying'; readonly failure: Failure; readonly until: string }
    | { readonly kind: 'Failed'; readonly failure: Failure }
    /** Something else has the name of a child, or hinders it: nothing goes on until a person looks. */
    | { readonly kind: 'Blocked'; readonly message: string }
  );

interface InBuild {
  readonly image: NixImage;
  readonly build: Build;
  /** Whether the attempt's Pod is to be there. */
  readonly wantsPod: boolean;
  readonly resyncAfterSeconds?: number;
}

/** Seconds after which a child that was asked for and is not seen must be hindered by something. */
const patience = 15;

/** Where the attempt stands, by what is observed of its ConfigMap and its Pod. */
export function buildPhase(
  request: SyncRequest,
  image: NixImage,
  hash: string,
  build: Build,
  last: LastBuild | undefined,
  now: number,
): BuildPhase {
  const { children, parent } = request;
  const wasAsked = last?.inputHash === hash;
  const mapName = configMapName(image.name, hash);
  const map = children.configMaps.get(mapName);
  const pod = children.pods.get(build.pod);
  const waiting = { image, build, wantsPod: false } as const;
  if (map === undefined) {
    const since = Date.parse(parent.metadata.changedAt ?? parent.metadata.creationTimestamp);
    if (wasAsked && now - since > patience * 1000)
      return { ...waiting, kind: 'Blocked', message: foreign('ConfigMap', mapName), resyncAfterSeconds: 10 };
    return { ...waiting, kind: 'Pending', message: 'the build is being prepared', resyncAfterSeconds: 2 };
  }
  if (map.metadata.deletionTimestamp !== undefined)
    return {
      ...waiting,
      kind: 'Pending',
      message: `the ConfigMap ${mapName} is being removed and made anew`,
      resyncAfterSeconds: 2,
    };
  if (observedDigest(map) === undefined)
    return {
      ...waiting,
      kind: 'Blocked',
      message: `the ConfigMap ${mapName} was changed by somebody, so it is not built; delete it, and it is made again`,
      resyncAfterSeconds: 10,
    };
  const wasSeen = last?.pod === build.pod && last.startedAt !== undefined;
  return podPhase({ image, build, wantsPod: true }, pod, map.metadata.creationTimestamp, now, wasSeen);
}

function podPhase(
  base: InBuild,
  pod: ObservedPod | undefined,
  askedAt: string | undefined,
  now: number,
  wasSeen: boolean,
): BuildPhase {
  if (pod === undefined) {
    if (wasSeen) return { ...base, wantsPod: false, kind: 'Failed', failure: lost(base.build.pod) };
    if (now - Date.parse(askedAt ?? '') > patience * 1000)
      return { ...base, kind: 'Blocked', message: foreign('Pod', base.build.pod), resyncAfterSeconds: 10 };
    return { ...base, kind: 'Pending', message: 'the builder is about to be started', resyncAfterSeconds: 5 };
  }
  if (pod.metadata.deletionTimestamp !== undefined)
    return { ...base, wantsPod: false, kind: 'Failed', failure: lost(base.build.pod) };
  switch (pod.phase) {
    case 'Pending':
    case 'Unknown':
      return { ...base, kind: 'Pending', message: whyPending(pod) };
    case 'Running':
      return { ...base, kind: 'Building' };
    case 'Succeeded':
      return { ...base, kind: 'Publishing', resyncAfterSeconds: 1 };
    case 'Failed':
      return failedPhase(base, pod, now);
  }
}

function failedPhase(base: InBuild, pod: ObservedPod, now: number): BuildPhase {
  const failure = failureOf(pod);
  if (!failure.transient || base.build.attempt >= mostAttempts) return { ...base, kind: 'Failed', failure };
  const time = retryTime(pod, base.build.attempt);
  return {
    ...base,
    kind: 'Retrying',
    failure,
    until: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
    resyncAfterSeconds: Math.max(1, Math.ceil((time - now) / 1000)),
  };
}

function whyPending({ scheduled, container }: ObservedPod): string {
  if (
    container?.kind === 'Waiting' &&
    container.reason !== undefined &&
    container.reason !== 'ContainerCreating'
  )
    return `the builder cannot start: ${container.reason}${container.message === undefined ? '' : `: ${container.message}`}`;
  if (scheduled?.status === 'False')
    return `the builder waits for a place${scheduled.message === undefined ? '' : `: ${scheduled.message}`}`;
  return 'the builder is being started';
}

function lost(pod: string): Failure {
  return {
    reason: 'BuilderLost',
    message: `the Pod ${pod} was deleted before the image was built, and so were those before it; apply the image with a change to build it again`,
    transient: false,
  };
}

function foreign(kind: string, name: string): string {
  return `the ${kind} ${name} does not appear: another object has its name, or a quota or policy refuses it; \`kubectl get ${kind.toLowerCase()} ${name}\` and the events of this object tell which`;
}
