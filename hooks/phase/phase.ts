import type { PublicationView } from '../../runtime/contract/keeper.ts';
import { observedDigest } from '../children/configMap.ts';
import { configMapName } from '../children/names.ts';
import type { ObservedPod, SyncRequest } from '../metacontroller.ts';
import type { NixImage } from '../resource/niximage.ts';
import { type Failure, failureOf } from '../status/failure.ts';
import type { LastStatus } from '../status/lastStatus.ts';
import { type Build, isUnpublished, retryTime } from './attempt.ts';
import { whyPending } from './pendingPod.ts';
import { type ObservedTurn, type Place, stillQueued, waitingSince, whyQueued } from './turn.ts';

/** Where an image stands. */
export type Phase =
  | {
      readonly kind: 'Invalid';
      /** Absent where the manifest itself is wrong. */
      readonly reason?: 'PolicyRefused' | 'TagIsTaken';
      readonly message: string;
    }
  | { readonly kind: 'Unknown'; readonly message: string }
  | { readonly kind: 'NoNamespace'; readonly image: NixImage }
  /** Something that the image is made from is not there yet. */
  | { readonly kind: 'Waiting'; readonly image: NixImage; readonly message: string }
  /** The user wants no build now. */
  | { readonly kind: 'Suspended'; readonly image: NixImage }
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
    | { readonly kind: 'Pending'; readonly reason: string; readonly message: string }
    /** Its Pod has only just been made: what was said before that stands, for in a moment most of them run. */
    | { readonly kind: 'Starting' }
    /** It waits for its turn. */
    | {
        readonly kind: 'Queued';
        /** RFC 3339. */
        readonly since: string;
        /** Whether its Pod is made as soon as its turn has come. */
        readonly isReady: boolean;
        /** Absent where nobody could tell it. */
        readonly place?: Place;
        readonly message: string;
      }
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
  /** How many attempts there may be. */
  readonly most: number;
  readonly resyncAfterSeconds?: number;
}

/** Seconds after which a child that was asked for and is not seen must be hindered by something. */
const patience = 15;
/** Seconds that a Pod may take to run before anything is said of it. */
const startUp = 3;

/**
 * Where the attempt stands, by what is observed of its Pod, and before there is one, of its ConfigMap.
 * @param turn what the keeper says of its turn; undefined before it was asked.
 */
export function buildPhase(
  request: SyncRequest,
  image: NixImage,
  build: Build,
  said: LastStatus,
  {
    most,
    now,
    turn,
  }: { readonly most: number; readonly now: number; readonly turn: ObservedTurn | undefined },
): BuildPhase {
  const { children, parent } = request;
  const { build: last, failure, queue } = said;
  const mapName = configMapName(image.name, build.inputHash);
  const map = children.configMaps.get(mapName);
  const pod = children.pods.get(build.pod);
  const isSame = last?.ordinal === build.ordinal && last.attempt === build.attempt;
  const wasSeen = isSame && last.startedAt !== undefined;
  // What runs has read its ConfigMap: that one may go.
  if (pod !== undefined || wasSeen) {
    const gone = (isSame ? failure : undefined) ?? lost(build.pod);
    const phase = podPhase({ image, build, most, wantsPod: true }, pod, gone, now);
    const left = isSame && !wasSeen && isExpected(request, said) ? startsFor(phase, pod, now) : 0;
    return left > 0 ? { ...phase, kind: 'Starting', resyncAfterSeconds: left } : phase;
  }
  const waiting = { image, build, most, wantsPod: false } as const;
  if (map === undefined) {
    const since = Date.parse(parent.metadata.changedAt ?? parent.metadata.creationTimestamp);
    if (isSame && build.attempt === 1 && now - since > patience * 1000)
      return { ...waiting, kind: 'Blocked', message: foreign('ConfigMap', mapName), resyncAfterSeconds: 10 };
  } else if (map.metadata.deletionTimestamp !== undefined)
    return {
      ...waiting,
      ...pending,
      message: `the ConfigMap ${mapName} is being removed and made anew`,
      resyncAfterSeconds: 2,
    };
  else if (observedDigest(map) === undefined)
    return {
      ...waiting,
      kind: 'Blocked',
      message: `the ConfigMap ${mapName} was changed by somebody, so it is not built; delete it, and it is made again`,
      resyncAfterSeconds: 10,
    };
  const since = waitingSince(
    request,
    { ...(last && { build: last }), ...(queue && { queue }) },
    build.inputHash,
  );
  // What is built stands in the object before it is: a lost answer would have it counted twice.
  const isReady = map !== undefined && last?.inputHash === build.inputHash && last.ordinal === build.ordinal;
  if (turn?.turn !== 'Go') return { ...waiting, kind: 'Queued', since, isReady, ...whyQueued(turn) };
  if (!isReady) return { ...waiting, ...prepared };
  if (now - Date.parse(turn.since) > patience * 1000)
    return {
      ...waiting,
      wantsPod: true,
      kind: 'Blocked',
      message: foreign('Pod', build.pod),
      resyncAfterSeconds: 10,
    };
  // What was said stands for the moment until the Pod is seen.
  if (queue?.place !== undefined)
    return {
      ...waiting,
      ...prepared,
      ...stillQueued(queue.place),
      kind: 'Queued',
      since,
      isReady,
      wantsPod: true,
    };
  return { ...waiting, ...prepared, wantsPod: true };
}

const pending = { kind: 'Pending', reason: 'BuildPending' } as const;

/** Its ConfigMap or its Pod is about to be seen; nothing new is said of each, for a status costs more than either. */
const prepared = {
  ...pending,
  message: 'the build is being prepared',
  resyncAfterSeconds: patience + 1,
} as const;

/** Whether the status says of this very manifest that its Pod is about to be made. */
function isExpected({ parent }: SyncRequest, { generation, conditions }: LastStatus): boolean {
  const ready = conditions.find(({ type }) => type === 'Ready');
  return generation === parent.generation && ['Queued', pending.reason].includes(ready?.reason ?? '');
}

/** For how many seconds more it is only natural that the Pod does not run: a status, and what follows it, costs three requests. */
function startsFor(phase: BuildPhase, pod: ObservedPod | undefined, now: number): number {
  if (pod === undefined || phase.kind !== 'Pending' || phase.reason !== pending.reason) return 0;
  return startUp - (now - Date.parse(pod.metadata.creationTimestamp ?? '')) / 1000;
}

/** @param gone why the build failed, where the Pod cannot tell any more. */
function podPhase(base: InBuild, pod: ObservedPod | undefined, gone: Failure, now: number): BuildPhase {
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined)
    return { ...base, wantsPod: false, kind: 'Failed', failure: gone };
  switch (pod.phase) {
    case 'Pending':
    case 'Unknown':
      return { ...base, kind: 'Pending', ...whyPending(pod, base.image, now) };
    case 'Running':
      return { ...base, kind: 'Building' };
    case 'Succeeded':
      return base.build.attempt >= base.most && isUnpublished(pod, now)
        ? { ...base, kind: 'Failed', failure: unpublished(base.build.pod) }
        : { ...base, kind: 'Publishing', resyncAfterSeconds: 1 };
    case 'Failed':
      return failedPhase(base, pod, now);
  }
}

function failedPhase(base: InBuild, pod: ObservedPod, now: number): BuildPhase {
  const failure = failureOf(pod);
  if (!failure.transient || base.build.attempt >= base.most) return { ...base, kind: 'Failed', failure };
  const time = retryTime(pod, base.build.attempt);
  return {
    ...base,
    kind: 'Retrying',
    failure,
    until: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
    resyncAfterSeconds: Math.max(1, Math.ceil((time - now) / 1000)),
  };
}

function lost(pod: string): Failure {
  return {
    reason: 'BuilderLost',
    message: `the Pod ${pod} was deleted before the image was built, and so were those before it; apply the image with a change to build it again`,
    transient: false,
  };
}

function unpublished(pod: string): Failure {
  return {
    reason: 'StoreUnavailable',
    message: `the Pod ${pod} says that it wrote the image, and the registry does not serve it; look whether both have the same volume`,
    transient: false,
  };
}

function foreign(kind: string, name: string): string {
  return `the ${kind} ${name} does not appear: another object has its name, or a quota or policy refuses it; \`kubectl get ${kind.toLowerCase()} ${name}\` and the events of this object tell which`;
}
