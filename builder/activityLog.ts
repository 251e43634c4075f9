import { type Activity, describeActivity } from '../runtime/contract/progress.ts';

/** How long a step of one kind goes on before the log says again how far it is. */
const pauseMilliseconds = 10_000;

/**
 * What a build does, as lines of a log: one when another kind of work begins, and one now and then while it goes on.
 * Fetching and building are told by Nix's own lines.
 */
export class ActivityLog {
  readonly #now: () => number;
  #kind: Activity['kind'] | undefined;
  #next = 0;

  /** @param now milliseconds of any clock that does not go back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The line for an activity; undefined where there is nothing to say. */
  lineFor(activity: Activity): string | undefined {
    if (activity.kind === 'Fetching' || activity.kind === 'Building') return undefined;
    const now = this.#now();
    if (activity.kind === this.#kind && now < this.#next) return undefined;
    this.#kind = activity.kind;
    this.#next = now + pauseMilliseconds;
    return describeActivity(activity);
  }
}
