import type { Product, SlotUse, Turn } from '../../runtime/contract/turn.ts';
import type { SyncRequest } from '../metacontroller.ts';
import type { LastStatus } from '../status/lastStatus.ts';
import type { BuildPhase, Phase } from './phase.ts';

/** What the keeper says of a build's turn, where anything is to be done; `Unknown` where it cannot be asked. */
export type ObservedTurn =
  | Exclude<Turn, { turn: 'Later' }>
  | { readonly turn: 'Unknown'; readonly reason: string };

/**
 * What the keeper is to be told of the image's build, as it stands before its turn is known; undefined where there is
 * nothing to tell. An image that was said to be at rest has no slot.
 */
export function slotUse(phase: Phase, request: SyncRequest, last: LastStatus): SlotUse | undefined {
  const wasBuilt = last.state === 'BuildPending' || last.state === 'Building';
  const free = wasBuilt ? ({ use: 'Free' } as const) : undefined;
  switch (phase.kind) {
    case 'Queued':
      // It is asked for at once, so that the status says from the beginning how long the line is.
      return {
        use: 'Start',
        pod: phase.build.pod,
        since: phase.since,
        product: productOf(phase, request),
        ready: phase.isReady,
        untold: last.build?.inputHash !== phase.build.inputHash,
      };
    case 'Pending':
    case 'Starting':
    case 'Building': {
      const { pod } = phase.build;
      if (!request.children.pods.has(pod)) return undefined;
      const running = phase.kind === 'Building';
      const since = waitingSince(request, last, phase.build.inputHash);
      return { use: 'Hold', pod, since, running, product: productOf(phase, request) };
    }
    // The volume is away, and what builds goes on.
    case 'Unknown':
      return undefined;
    case 'Built':
    case 'Failed':
    case 'Retrying':
    case 'Publishing':
    case 'Blocked':
    case 'Invalid':
    case 'NoNamespace':
    case 'Waiting':
    case 'Suspended':
      return free;
  }
}

function productOf({ image, build }: BuildPhase, { parent }: SyncRequest): Product {
  return { tag: image.data.tag, inputHash: build.inputHash, uid: parent.metadata.uid };
}

/** When the image began to wait for this build: as it was said, so that it keeps its place; else when it was changed. */
export function waitingSince(
  { parent }: SyncRequest,
  { queue, build }: Pick<LastStatus, 'queue' | 'build'>,
  inputHash: string,
): string {
  const said = build?.inputHash === inputHash ? queue?.since : undefined;
  return said ?? parent.metadata.changedAt ?? parent.metadata.creationTimestamp;
}

/** A place in the queue, as the status says it. */
export interface Place {
  /** From 1. */
  readonly position: number;
  readonly of: number;
}

interface WhyQueued {
  readonly place?: Place;
  readonly message: string;
  readonly resyncAfterSeconds: number;
}

/** What is said of a build that waits, and when it is asked about again. */
export function whyQueued(turn: Exclude<ObservedTurn, { turn: 'Go' }> | undefined): WhyQueued {
  switch (turn?.turn) {
    case 'Wait': {
      const { place: position, of, askAgainSeconds } = turn;
      return { ...stillQueued({ position, of }), resyncAfterSeconds: askAgainSeconds };
    }
    case 'Unknown':
      return {
        message: `whose turn it is cannot be told now: ${turn.reason}; the build waits until it can`,
        resyncAfterSeconds: 5,
      };
    case undefined:
      return { message: 'the build waits for its turn', resyncAfterSeconds: 5 };
  }
}

export function stillQueued(place: Place): Pick<WhyQueued, 'place' | 'message'> {
  const { position, of } = place;
  return {
    place,
    message: `the build waits for its turn: it is number ${position} of the ${of} that wait`,
  };
}
