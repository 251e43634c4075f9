/** How quickly those who wait are to ask again. All times are milliseconds. */
const shortest = 250;
const longest = 60_000;

/** How often the first in line asks: a slot that is free waits for it for half of this, and builds wait for slots. */
export function frontPause(buildTime: number): number {
  return Math.min(5000, Math.max(shortest, buildTime / 8));
}

/** What a build is thought to take before any has ended. */
const firstGuess = 3000;

/**
 * When to ask again: shortly before the turn is likely to come. Each question costs Metacontroller a request or more of
 * those it may make in a second, so there are to be few of them; and a slot waits for whoever sleeps too long.
 * @param place from 1.
 */
export function pauseAt(place: number, limit: number, buildTime: number): number {
  const expected = (place * buildTime) / limit;
  return Math.min(longest, Math.max(frontPause(buildTime), 0.7 * expected));
}

/** What a build takes, learnt from those that ended. */
export class Pace {
  #mean: number | undefined;

  ended(milliseconds: number): void {
    this.#mean = this.#mean === undefined ? milliseconds : 0.8 * this.#mean + 0.2 * milliseconds;
  }

  /** @param running how long the longest build of those under way has run: the first estimate, while none has ended. */
  buildTime(running: number): number {
    return this.#mean ?? Math.max(firstGuess, running);
  }
}
