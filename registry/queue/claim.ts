import type { Product } from '../../runtime/contract/turn.ts';
import type { Newcomer } from './newcomers.ts';

/** A build that waits for a slot, or has one. Times are milliseconds since 1970. */
export interface Claim {
  readonly namespace: string;
  /** metadata.name of the image. */
  readonly name: string;
  /** The Pod of the attempt. */
  readonly pod: string;
  /** When the image began to wait. */
  readonly since: number;
  readonly product?: Product;
}

/** A build that waits. */
export interface Waiting extends Claim {
  /** Counts those that came; it decides between two that began to wait in the same second. */
  readonly order: number;
  /** When it is expected to ask again. */
  readonly askAt: number;
  /** How many that stood behind it were let go before it. */
  readonly passed: number;
  /** By which it is told its place, among those who came with it. */
  readonly newcomer?: Newcomer;
  /** Its place as it was told last, and when. */
  readonly told?: { readonly place: number; readonly of: number; readonly at: number };
}

/** A build that has a slot. */
export interface Placed extends Claim {
  readonly grantedAt: number;
  /** From when it is idle, unless its Pod runs: since its Pod was seen, or ought to have been. */
  readonly idleFrom: number;
  /** Whether its Pod was seen to run. */
  readonly running: boolean;
  /** When it was last spoken of. */
  readonly seenAt: number;
}
