import type { Clock } from './clock.ts';

/** Milliseconds before failed work is done again: doubling, as Metacontroller's, but no longer than somebody at a terminal waits. */
const firstPause = 5;
const longestPause = 30_000;

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Brings what the name stands for to where it should be. A rejection has it done again after a pause. */
  readonly work: (name: string) => Promise<void>;
  /** Told of each rejection, and of how many there were in a row before it. */
  readonly failed: (name: string, error: unknown, before: number) => void;
  /** Most names worked on at once; no limit by default. */
  readonly workers?: number;
}

interface Timer {
  readonly at: number;
  readonly cancel: () => void;
}

/**
 * Names to work on, first come first served: each by one worker at a time, and once more where it is added meanwhile.
 * The rules are those of https://pkg.go.dev/k8s.io/client-go/util/workqueue, which Metacontroller works by.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #running = new Set<string>();
  readonly #timers = new Map<string, Timer>();
  readonly #failures = new Map<string, number>();
  readonly #tellIdle: (() => void)[] = [];
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  add(name: string): void {
    if (this.#closed) return;
    this.#waiting.add(name);
    this.#next();
  }

  /** Adds a name after some milliseconds. Of several such times for one name the earliest counts. */
  addAfter(name: string, milliseconds: number): void {
    const { clock } = this.#options;
    const at = clock.now() + milliseconds;
    const set = this.#timers.get(name);
    if (this.#closed || (set !== undefined && set.at <= at)) return;
    set?.cancel();
    const cancel = clock.later(milliseconds, () => {
      this.#timers.delete(name);
      this.add(name);
    });
    this.#timers.set(name, { at, cancel });
  }

  /** Waits until nothing is being worked on; what was added for later is left out. */
  async idle(): Promise<void> {
    if (this.#waiting.size + this.#running.size === 0) return;
    await new Promise<void>((resolve) => this.#tellIdle.push(resolve));
  }

  /** Takes nothing more, and waits for what is being worked on. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
    await this.idle();
  }

  #next(): void {
    for (const name of this.#waiting) {
      if (this.#running.size >= (this.#options.workers ?? Infinity)) return;
      if (this.#running.has(name)) continue;
      this.#waiting.delete(name);
      this.#running.add(name);
      void this.#run(name);
    }
  }

  async #run(name: string): Promise<void> {
    try {
      await this.#options.work(name);
      this.#failures.delete(name);
    } catch (error) {
      const failures = this.#failures.get(name) ?? 0;
      this.#failures.set(name, failures + 1);
      this.#options.failed(name, error, failures);
      this.addAfter(name, Math.min(firstPause * 2 ** failures, longestPause));
    }
    this.#running.delete(name);
    this.#next();
    if (this.#waiting.size + this.#running.size > 0) return;
    for (const tell of this.#tellIdle.splice(0)) tell();
  }
}
