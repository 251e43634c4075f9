import { type Activity, describeActivity } from '../../runtime/contract/progress.ts';
import type { Output } from '../command.ts';
import { clip, displayWidth, printable } from './table.ts';

const barWidth = 24;
/** A terminal is not written more often than somebody can see. */
const pauseMilliseconds = 100;

/**
 * What a build is doing: on a terminal one line that changes in place, with a bar where it is known how much there is to
 * do; elsewhere a line for each kind of work.
 */
export class ActivityLine {
  readonly #output: Output;
  readonly #now: () => number;
  #kind: Activity['kind'] | undefined;
  #next = 0;

  /** @param now milliseconds of any clock that does not go back. */
  constructor(output: Output, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#now = now;
  }

  show(activity: Activity): void {
    const isNew = activity.kind !== this.#kind;
    this.#kind = activity.kind;
    if (this.#output.isTTY === true) this.#draw(activity, isNew);
    else if (isNew) this.#output.write(`${printable(describeActivity(activity))}\n`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#output.isTTY === true) this.#output.write('\r\u001b[2K');
  }

  #draw(activity: Activity, isNew: boolean): void {
    const now = this.#now();
    if (!isNew && now < this.#next) return;
    this.#next = now + pauseMilliseconds;
    this.#output.write(`\r\u001b[2K${lineOf(activity, (this.#output.columns ?? 80) - 1)}`);
  }
}

function lineOf(activity: Activity, width: number): string {
  const text = printable(describeActivity(activity));
  if (!('expected' in activity) || activity.expected === 0) return clip(text, width);
  const filled = Math.round((barWidth * Math.min(activity.done, activity.expected)) / activity.expected);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] `;
  // A narrow window has room for the words only.
  return displayWidth(text) + bar.length <= width ? bar + text : clip(text, width);
}
