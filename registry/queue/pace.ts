/** How quickly those who wait are to ask again. All times are milliseconds. */
const shortest = 125;
const longest = 60_000;

/** What a build is thought to take before any has ended. */
const firstGuess = 3000;

/** How often the first in line asks: a slot that is free waits for it for half of this, and builds wait for slots. */
export function frontPause(buildTime: number): number {
  return Math.min(5000, Math.max(shortest, buildTime / 12));
}

/** How many of those who wait may ask in a second, where builds are short. */
const questions = 10;

export interface Standing {
  /** From 1. */
  readonly place: number;
  /** How many wait. */
  readonly of: number;
  /** How many build at once. */
  readonly limit: number;
  readonly buildTime: number;
}

/**
 * When to ask again: some time before the turn is likely to come. Each question costs Metacontroller a request or more of
 * those it may make in a second, so there are to be few of them; and a slot waits for whoever sleeps too long, so nobody
 * trusts what builds took so far for longer than one takes, but where too many would ask.
 */
export function pauseAt({ place, of, limit, buildTime }: Standing): number {
  const expected = (place * buildTime) / limit;
  const trusted = Math.max(buildTime, (1000 * of) / questions);
  const pause = Math.min(longest, trusted, 0.75 * expected);
  return Math.max(frontPause(buildTime), pause);
}

/** What a build takes, learnt from those that ended. */
export class Pace {
  #mean: number | undefined;

  /** Who sleeps too long leaves a slot empty, who does not only asks once more: so what is shorter counts more. */
  ended(milliseconds: number): void {
    const mean = this.#mean ?? milliseconds;
    this.#mean = mean + (milliseconds < mean ? 0.5 : 0.1) * (milliseconds - mean);
  }

  /**
   * @param running how long the longest build of those under way has run: while none has ended, it is thought to take as
   *   long again.
   */
  buildTime(running: number): number {
    return this.#mean ?? Math.max(firstGuess, 2 * running);
  }
}
