/** How many a second are told; each costs Metacontroller five or six of the hundred requests that it may make. */
const tellings = 12;
/** For how long nobody is told after somebody came, in milliseconds: who comes costs two requests, before it is asked about. */
const arrival = 100;

/** Somebody who is to be told its place. */
export interface Newcomer {
  /** Counts them. */
  readonly number: number;
  /** When it is told at the latest, in milliseconds since 1970. */
  readonly by: number;
}

/**
 * Spreads those who come in great number, so that Metacontroller, which looks at one image after another, does not look at
 * all of them before it sees that a build has ended, or that somebody else has come. All times are milliseconds.
 */
export class Newcomers {
  #came = 0;
  /** How many could have been told. */
  #told = 0;
  #countedTo = Number.NEGATIVE_INFINITY;

  /** @param turn in how long its turn is likely to come. */
  enter(now: number, turn: number): Newcomer {
    this.#count(now);
    this.#came += 1;
    this.#countedTo = Math.max(this.#countedTo, now + arrival);
    return { number: this.#came, by: now + turn / 2 };
  }

  /** In how long it is told, as far as can be said before others come; 0 for now. */
  pause({ number, by }: Newcomer, now: number): number {
    this.#count(now);
    const inLine = Math.max(0, this.#countedTo - now) + ((number - this.#told) * 1000) / tellings;
    return Math.max(0, Math.min(inLine, by - now));
  }

  #count(now: number): void {
    if (now <= this.#countedTo) return;
    const could = ((now - this.#countedTo) * tellings) / 1000;
    this.#told = Math.min(this.#came, this.#told + could);
    this.#countedTo = now;
  }
}
