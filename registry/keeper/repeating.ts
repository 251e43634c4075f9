import { setTimeout as delay } from 'node:timers/promises';

/** Work that goes on in the background. */
export interface Repeating {
  /** Waits for what is under way. */
  stop(): Promise<void>;
}

/**
 * Does `work` again and again until `stop`, first after `first` milliseconds. It must not reject.
 * @param every milliseconds from the end of one to the next; 0 for none at all.
 */
export function repeat(
  every: number,
  first: number,
  work: (signal: AbortSignal) => Promise<void>,
): Repeating {
  const stopped = new AbortController();
  const { signal } = stopped;
  const running = (async () => {
    if (every === 0) return;
    for (let pause = Math.min(every, first); await waited(pause, signal); pause = every) await work(signal);
  })();
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

/** @returns false where it was stopped before. */
async function waited(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
