import type { Clock } from '../clock.ts';
import type { Container } from './container.ts';
import type { Ended } from './podStatus.ts';

/** How a container ended; its exit code is undefined where nobody saw it. */
export type Exit = Omit<Ended, 'exitCode' | 'message'> & { readonly exitCode: number | undefined };

export interface Limits {
  /** Milliseconds that it may run; undefined for any number. */
  readonly deadline: number | undefined;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly gracePeriod: number;
}

/** A Pod's container from its start to its end, and what ends it. */
export class RunningPod {
  readonly #container: Container;
  readonly #clock: Clock;
  readonly #ended: Promise<void>;
  #reason: Exit['reason'];
  #exit: Exit | undefined;
  #isTold = false;

  /** @param told is called once it has ended. */
  constructor(container: Container, { deadline, gracePeriod }: Limits, clock: Clock, told: () => void) {
    this.#container = container;
    this.#clock = clock;
    const { startedAt } = container;
    // It counts from the start, also of one that an earlier session started.
    const left = deadline === undefined ? Infinity : Math.max(0, startedAt + deadline - clock.now());
    const stopTimer = clock.later(left, () => {
      this.#reason = 'DeadlineExceeded';
      void this.end(gracePeriod);
    });
    this.#ended = this.#wait(stopTimer, told);
  }

  async #wait(stopTimer: () => void, told: () => void): Promise<void> {
    const exitCode = await this.#container.ended;
    stopTimer();
    const finishedAt = this.#clock.now();
    this.#exit = { exitCode, startedAt: this.startedAt, finishedAt, reason: this.#reason };
    told();
  }

  /** Milliseconds since 1970. */
  get startedAt(): number {
    return this.#container.startedAt;
  }

  /** Undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** Asks it to end, makes it end after so many milliseconds, and waits for that. */
  async end(gracePeriod: number): Promise<void> {
    if (this.#exit !== undefined) return;
    if (!this.#isTold) this.#container.signal('SIGTERM');
    this.#isTold = true;
    const stopTimer = this.#clock.later(gracePeriod, () => this.#container.signal('SIGKILL'));
    await this.#ended;
    stopTimer();
  }
}
