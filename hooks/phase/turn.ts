import type { SlotUse, Turn } from '../../runtime/contract/turn.ts';
import type { SyncRequest } from '../metacontroller.ts';
import type { LastStatus } from '../status/lastStatus.ts';
import type { Phase } from './phase.ts';

/** What the keeper says of a build's turn; `Unknown` where it cannot be asked. */
export type ObservedTurn = Turn | { readonly turn: 'Unknown'; readonly reason: string };

/**
 * What the keeper is to be told of the image's build, as it stands before its turn is known; undefined where there is
 * nothing to tell. An image that was said to be at rest has no slot.
 */
export function slotUse(phase: Phase, request: SyncRequest, last: LastStatus): SlotUse | undefined {
  const wasBuilt = last.state === 'BuildPending' || last.state === 'Building';
  const free = wasBuilt ? ({ use: 'Free' } as const) : undefined;
  switch (phase.kind) {
    case 'Queued':
      return { use: 'Start', pod: phase.build.pod, since: phase.since };
    case 'Pending':
    case 'Building': {
      const { pod } = phase.build;
      if (!request.children.pods.has(pod)) return undefined;
      const running = phase.kind === 'Building';
      return { use: 'Hold', pod, since: waitingSince(request, last, phase.build.inputHash), running };
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

/** When the image began to wait for this build: as it was said, so that it keeps its place; else when it was changed. */
export function waitingSince(
  { parent }: SyncRequest,
  { queue, build }: Pick<LastStatus, 'queue' | 'build'>,
  inputHash: string,
): string {
  const said = build?.inputHash === inputHash ? queue?.since : undefined;
  return said ?? parent.metadata.changedAt ?? parent.metadata.creationTimestamp;
}

/** What is said of a build that waits, and when it is asked about again. */
export function whyQueued(turn: Exclude<ObservedTurn, { turn: 'Go' }> | undefined): {
  readonly place?: { readonly position: number; readonly of: number };
  readonly message: string;
  readonly resyncAfterSeconds: number;
} {
  switch (turn?.turn) {
    case 'Wait': {
      const { place: position, of, askAgainSeconds } = turn;
      return {
        place: { position, of },
        message: `the build waits for its turn: it is number ${position} of the ${of} that wait`,
        resyncAfterSeconds: askAgainSeconds,
      };
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
