/** What tells the time to the stand-in; tests have one that they move themselves. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `call` once after any number of milliseconds; the answer takes that back. */
  later(milliseconds: number, call: () => void): () => void;
}

/** The longest that one timer of Node.js waits; it takes a longer time for one millisecond. */
const longestTimer = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  later(milliseconds, call) {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      timer = setTimeout(
        () => (left > longestTimer ? wait(left - longestTimer) : call()),
        Math.min(left, longestTimer),
      );
    };
    wait(milliseconds);
    return () => clearTimeout(timer);
  },
};
