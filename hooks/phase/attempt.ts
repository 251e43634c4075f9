import { podName } from '../children/names.ts';
import type { ObservedPod, SyncRequest } from '../metacontroller.ts';
import { failureOf } from '../status/failure.ts';
import type { LastStatus } from '../status/lastStatus.ts';

/** The build that the status is to tell of. */
export interface Build {
  readonly inputHash: string;
  readonly ordinal: number;
  /** From 1; each has a Pod of its own name. */
  readonly attempt: number;
  readonly pod: string;
}

/** Attempts at one build before it counts as failed, where nobody says another number. */
export const mostAttempts = 3;

/** Seconds for which a Pod that ended well may be ahead of what the keeper sees. */
const publishingLimit = 60;

interface AttemptContext {
  /** metadata.name of the image. */
  readonly name: string;
  /** The highest ordinal that the keeper knows for the tag. */
  readonly published: number;
  /** How many attempts there may be. */
  readonly most: number;
}

/**
 * Which attempt at which build is the current one. An attempt is over when its Pod goes, when it vanished after it had
 * been seen, or when it failed of something that may pass and the pause is over. A build that failed, or whose Pod no
 * node takes, begins anew when the manifest is changed.
 */
export function currentAttempt(
  request: SyncRequest,
  last: LastStatus,
  hash: string,
  { name: image, published, most }: AttemptContext,
  now: number,
): Build {
  const of = (ordinal: number, attempt: number): Build => ({
    inputHash: hash,
    ordinal,
    attempt,
    pod: podName(image, hash, attempt),
  });
  const before = last.build;
  const next = Math.max(before?.ordinal ?? 0, published) + 1;
  if (before === undefined || before.inputHash !== hash || last.state === 'Built')
    return of(next, firstFree(request, hash, image, isLeftOver));
  const current = of(before.ordinal, before.attempt);
  const pod = request.children.pods.get(current.pod);
  // In what the image is not made from: more memory, for one, or another node.
  const isChanged = last.generation !== undefined && last.generation < request.parent.generation;
  if (isChanged && (last.state === 'Failed' || (pod !== undefined && isUnplaced(pod))))
    return of(
      next,
      firstFree(request, hash, image, (each) => isLeftOver(each) || isUnplaced(each)),
    );
  const isOver = pod === undefined ? before.startedAt !== undefined : hasEnded(pod, before.attempt, now);
  if (!isOver || before.attempt >= most) return current;
  // A newer publication than this one would win: the next attempt must be newer still.
  return of(Math.max(before.ordinal, published + 1), before.attempt + 1);
}

/** The first attempt whose name no Pod has that is of no use. */
function firstFree(
  request: SyncRequest,
  hash: string,
  image: string,
  isUseless: (pod: ObservedPod) => boolean,
): number {
  for (let attempt = 1; ; attempt += 1) {
    const pod = request.children.pods.get(podName(image, hash, attempt));
    if (pod === undefined || !isUseless(pod)) return attempt;
  }
}

/** No node takes it as it was made. */
function isUnplaced({ phase, scheduled }: ObservedPod): boolean {
  return phase === 'Pending' && scheduled?.status === 'False';
}

function isLeftOver({ metadata, phase }: ObservedPod): boolean {
  return metadata.deletionTimestamp !== undefined || phase === 'Succeeded' || phase === 'Failed';
}

function hasEnded(pod: ObservedPod, attempt: number, now: number): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return true;
  if (pod.phase === 'Succeeded') return isUnpublished(pod, now);
  if (pod.phase !== 'Failed') return false;
  return failureOf(pod).transient && now >= retryTime(pod, attempt);
}

/** Whether a Pod ended well so long ago that what it published ought to be served. */
export function isUnpublished(pod: ObservedPod, now: number): boolean {
  return now - finishedAt(pod) > publishingLimit * 1000;
}

/** When an attempt that failed of something passing is followed by the next: 10 s after its end, then 20 s. */
export function retryTime(pod: ObservedPod, attempt: number): number {
  return finishedAt(pod) + 10_000 * 2 ** (attempt - 1);
}

/**
 * Milliseconds since 1970. A Pod that was evicted before it ran has no container that ended, and of one that is being
 * evicted the kubelet says so before the container has.
 */
function finishedAt({ container, changedAt, metadata }: ObservedPod): number {
  const ended = container?.kind === 'Terminated' ? container.finishedAt : undefined;
  const times = [ended, changedAt, metadata.creationTimestamp].map((time) => Date.parse(time ?? ''));
  return times.find((time) => !Number.isNaN(time)) ?? 0;
}
