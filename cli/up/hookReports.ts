import { type Clock, systemClock } from '../../metacontroller/embedded/clock.ts';
import type { SyncOutcome } from '../../metacontroller/embedded/controller/outcome.ts';
import type { KubeObject } from '../../metacontroller/embedded/objects/kubeObject.ts';
import { keyOf } from './plan.ts';

/** The time since the last good answer. */
interface Silence {
  /** What came of the last try. */
  message: string;
  isTooLong: boolean;
  readonly cancel: () => void;
}

/** What comes of asking the hook: tells each failure once while it lasts, and notices where there is nothing else. */
export class HookReports {
  readonly #say: (line: string) => void;
  readonly #patience: number;
  readonly #clock: Clock;
  readonly #told = new Map<string, string>();
  readonly #silences = new Map<string, Silence>();
  #gaveUp: () => void = () => {};

  /** @param patience milliseconds of nothing but failures after which an image is given up. */
  constructor(say: (line: string) => void, patience: number, clock: Clock = systemClock) {
    this.#say = say;
    this.#patience = patience;
    this.#clock = clock;
  }

  report({ metadata }: KubeObject, outcome: SyncOutcome): void {
    const image = keyOf(metadata);
    const news = newsOf(outcome);
    if (outcome.kind === 'Answered') this.#hear(image);
    else this.#miss(image, news);
    if (news === this.#told.get(image)) return;
    this.#told.set(image, news);
    if (outcome.kind !== 'Waits' && news !== '') this.#say(`${metadata.name}: ${news}`);
  }

  /** What came of the last try for an image (`namespace/name`) that is given up; undefined for one that is not. */
  givenUp(image: string): string | undefined {
    const silence = this.#silences.get(image);
    return silence?.isTooLong === true ? silence.message : undefined;
  }

  /** Calls `gaveUp` whenever an image is given up. */
  watch(gaveUp: () => void): void {
    this.#gaveUp = gaveUp;
  }

  close(): void {
    for (const { cancel } of this.#silences.values()) cancel();
    this.#silences.clear();
  }

  #hear(image: string): void {
    this.#silences.get(image)?.cancel();
    this.#silences.delete(image);
  }

  #miss(image: string, message: string): void {
    const silence = this.#silences.get(image);
    if (silence !== undefined) {
      silence.message = message;
      return;
    }
    const begun: Silence = {
      message,
      isTooLong: false,
      cancel: this.#clock.later(this.#patience, () => {
        begun.isTooLong = true;
        this.#gaveUp();
      }),
    };
    this.#silences.set(image, begun);
  }
}

/** Empty for none. */
function newsOf(outcome: SyncOutcome): string {
  switch (outcome.kind) {
    case 'Answered':
      return outcome.remarks.join('; ');
    case 'Waits':
      return 'the hook asks to be left alone (429)';
    case 'Failed':
      return outcome.message;
  }
}
