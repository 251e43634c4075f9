/** Holds requests for images that are being built, until they are there or the time is up. */
export interface Waiting {
  /** Whether requests are held at all. */
  readonly patient: boolean;
  /** How many requests are held now. */
  readonly count: number;
  /**
   * Asks `look` again and again until it gives something. All who wait for one `key` share the asking.
   * @returns undefined where the time is up, where nobody may wait, or where too many wait already.
   */
  until<Found>(key: string, look: () => Promise<Found | undefined>): Promise<Found | undefined>;
}

/** Everybody who waits for one thing. */
interface Watch {
  readonly waiters: Set<Waiter>;
}

interface Waiter {
  readonly end: number;
  readonly done: (found: unknown) => void;
}

const pollMilliseconds = 250;
/** The volume is asked this often in a second at most, whatever number of images is waited for. */
const looksPerSecond = 1000;

/**
 * @param milliseconds how long a request is held; 0 for not at all.
 * @param limit requests that may wait at once.
 */
export function createWaiting(milliseconds: number, limit = 20_000): Waiting {
  const watches = new Map<string, Watch>();
  let count = 0;

  const poll = async (key: string, watch: Watch, look: () => Promise<unknown>): Promise<void> => {
    // A volume that is away now may be back in time.
    const found = await look().catch(() => undefined);
    for (const waiter of watch.waiters)
      if (found !== undefined || waiter.end <= performance.now()) {
        watch.waiters.delete(waiter);
        waiter.done(found);
      }
    if (watch.waiters.size === 0) watches.delete(key);
    else schedule(key, watch, look);
  };
  const schedule = (key: string, watch: Watch, look: () => Promise<unknown>): void => {
    const pause = Math.max(pollMilliseconds, (watches.size * 1000) / looksPerSecond);
    setTimeout(() => void poll(key, watch, look), pause);
  };

  return {
    patient: milliseconds > 0,
    get count() {
      return count;
    },
    async until<Found>(key: string, look: () => Promise<Found | undefined>) {
      if (milliseconds === 0 || count >= limit) return undefined;
      const watch = watches.get(key) ?? { waiters: new Set() };
      if (!watches.has(key)) {
        watches.set(key, watch);
        schedule(key, watch, look);
      }
      count += 1;
      try {
        // All who wait for a key look for the same.
        const found = new Promise<unknown>((done) => {
          watch.waiters.add({ end: performance.now() + milliseconds, done });
        });
        return (await found) as Found | undefined;
      } finally {
        count -= 1;
      }
    },
  };
}
