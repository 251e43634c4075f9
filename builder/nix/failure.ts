import type { FailureReason } from '../../runtime/contract/report.ts';
import type { Count } from './activity.ts';
import type { Position } from './place.ts';

/** How a process of Nix ended. */
export interface NixExit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/** What went wrong in a run of Nix, before an entry's name or near names are looked up. */
export interface NixFailure {
  readonly reason: FailureReason;
  /** The error's own text, on one line. */
  readonly text: string;
  readonly transient: boolean;
  readonly position?: Position;
  /** Number of the entry of `contents` that was being evaluated. */
  readonly entry?: number;
  /** Number of the entry of `paths`, where that was within an environment. */
  readonly path?: number;
  /** The name that is not there, of `UnknownAttribute`. */
  readonly missing?: string;
  /** What an entry is instead of a package: `a set`. */
  readonly found?: string;
  /** The derivation that failed first. */
  readonly derivation?: string;
  /** How many derivations were built, of how many. */
  readonly builds?: Count;
  readonly logTail: readonly string[];
}
