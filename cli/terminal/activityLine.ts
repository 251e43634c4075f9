import { type Activity, describeActivity } from '../../runtime/contract/progress.ts';
import type { Output } from '../command.ts';
import { clip, printable } from './table.ts';

/** What a build is doing: one line that changes in place on a terminal, elsewhere a line for each kind of work. */
export class ActivityLine {
  readonly #output: Output;
  #kind: Activity['kind'] | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  show(activity: Activity): void {
    const text = printable(describeActivity(activity));
    if (this.#output.isTTY === true)
      this.#output.write(`\r\u001b[2K${clip(text, (this.#output.columns ?? 80) - 1)}`);
    else if (activity.kind !== this.#kind) this.#output.write(`${text}\n`);
    this.#kind = activity.kind;
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#output.isTTY === true) this.#output.write('\r\u001b[2K');
  }
}
