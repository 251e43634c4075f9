import { setTimeout as delay } from 'node:timers/promises';
import type { Activity, Progress } from '../runtime/contract/progress.ts';
import { describeActivity } from '../runtime/contract/progress.ts';

const pauseMilliseconds = 500;

/**
 * Writes what a build does now, twice a second at most and only when it changed. Progress is a courtesy: that it
 * cannot be written never fails a build.
 */
export class ProgressWriter {
  readonly #pod: string;
  readonly #write: (progress: Progress) => Promise<void>;
  #wanted: Activity | undefined;
  #written = '';
  #running: Promise<void> | undefined;
  readonly #stopped = new AbortController();

  constructor(pod: string, write: (progress: Progress) => Promise<void>) {
    this.#pod = pod;
    this.#write = write;
  }

  set(activity: Activity): void {
    this.#wanted = activity;
    if (this.#stopped.signal.aborted) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Ends the writing; what is being written is waited for. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#wanted !== undefined && !this.#stopped.signal.aborted) {
      const activity = this.#wanted;
      this.#wanted = undefined;
      const text = describeActivity(activity);
      if (text === this.#written) continue;
      this.#written = text;
      await this.#write({ v: 1, pod: this.#pod, activity, at: new Date().toISOString() }).catch(() => {});
      await delay(pauseMilliseconds, undefined, { signal: this.#stopped.signal }).catch(() => {});
    }
  }
}
