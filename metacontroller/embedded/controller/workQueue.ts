import { SyncError } from './answer.ts';

/** Milliseconds before a failed piece of work is done again: doubling, as Metacontroller's, but no longer than this. */
const firstPause = 5;
const longestPause = 30_000;

/** Names to work on: each by one worker at a time, several names side by side, once more where it is added meanwhile. */
export class WorkQueue {
  readonly #work: (name: string) => Promise<number>;
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  #closed = false;

  /** @param work gives the seconds after which it is to be done again, 0 for never. */
  constructor(work: (name: string) => Promise<number>) {
    this.#work = work;
  }

  add(name: string): void {
    if (this.#closed) return;
    if (this.#running.has(name)) {
      this.#again.add(name);
      return;
    }
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    const done = this.#run(name).finally(() => {
      this.#running.delete(name);
      if (this.#again.delete(name)) this.add(name);
    });
    this.#running.set(name, done);
  }

  /** Takes nothing more, and waits for what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#again.clear();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.allSettled(this.#running.values());
  }

  async #run(name: string): Promise<void> {
    try {
      const seconds = await this.#work(name);
      this.#failures.delete(name);
      if (seconds > 0) this.#later(name, seconds * 1000);
    } catch (error) {
      const failures = this.#failures.get(name) ?? 0;
      this.#failures.set(name, failures + 1);
      const asked = error instanceof SyncError ? error.retryAfter : undefined;
      this.#later(
        name,
        asked === undefined ? Math.min(firstPause * 2 ** failures, longestPause) : asked * 1000,
      );
    }
  }

  #later(name: string, milliseconds: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timers.get(name));
    this.#timers.set(
      name,
      setTimeout(() => this.add(name), milliseconds),
    );
  }
}
