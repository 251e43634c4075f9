import { type Activity, describeActivity } from '../runtime/contract/progress.ts';
import { activityOf, afterEvent, initialNixState } from './nix/activity.ts';
import type { NixEvent } from './nix/event.ts';
import { ReadableLog } from './nix/readable.ts';

/** Who is told what a build does. */
export interface Listeners {
  readonly onActivity: (activity: Activity) => void;
  readonly onLog: (line: string) => void | Promise<void>;
}

/** Tells the listeners what a build does: Nix's events first, then the builder's own steps. */
export class BuildObserver {
  readonly #listeners: Listeners;
  readonly #log = new ReadableLog();
  #state = initialNixState;
  #told = '';

  constructor(listeners: Listeners) {
    this.#listeners = listeners;
  }

  /** One event of Nix. The promise, where there is one, is the log's reader catching up. */
  nixEvent(event: NixEvent): void | Promise<void> {
    const state = afterEvent(this.#state, event);
    if (state !== this.#state) {
      this.#state = state;
      this.activity(activityOf(state));
    }
    return this.#lines(this.#log.linesFor(event));
  }

  activity(activity: Activity): void {
    const text = describeActivity(activity);
    if (text === this.#told) return;
    this.#told = text;
    this.#listeners.onActivity(activity);
  }

  log(line: string): void | Promise<void> {
    return this.#listeners.onLog(line);
  }

  #lines(lines: readonly string[]): void | Promise<void> {
    let waiting: Promise<void> | undefined;
    for (const line of lines) waiting = this.#listeners.onLog(line) ?? waiting;
    return waiting;
  }
}
