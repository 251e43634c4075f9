import type { Output } from '../command.ts';
import { clip, formatTable, printable } from './table.ts';

export interface LiveRow {
  /** What the row is about; it does not change while its cells do. */
  readonly key: string;
  readonly cells: readonly string[];
}

/**
 * A table that is redrawn in place on a terminal; elsewhere each row that changed is printed as one line.
 * Cells may hold text from elsewhere: control characters are taken out.
 */
export class LiveTable {
  readonly #output: Output;
  readonly #header: readonly string[];
  #drawn = 0;
  #rows: readonly LiveRow[] = [];
  readonly #printed = new Map<string, string>();

  constructor(output: Output, header: readonly string[]) {
    this.#output = output;
    this.#header = header;
  }

  /** Shows these rows in place of the ones shown before. */
  show(rows: readonly LiveRow[]): void {
    this.#rows = rows.map(({ key, cells }) => ({ key, cells: cells.map(printable) }));
    if (this.#output.isTTY === true) this.#draw('');
    else this.#print();
  }

  /** Prints lines above the table. */
  say(text: string): void {
    if (this.#output.isTTY === true) this.#draw(text);
    else this.#output.write(text);
  }

  #draw(above: string): void {
    const width = this.#output.columns ?? 80;
    const lines =
      this.#rows.length === 0
        ? []
        : formatTable([this.#header, ...this.#rows.map(({ cells }) => cells)]).map((line) =>
            clip(line, width - 1),
          );
    const up = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
    this.#output.write(`${up}\r\u001b[J${above}${lines.map((line) => `${line}\n`).join('')}`);
    this.#drawn = lines.length;
  }

  #print(): void {
    for (const { key, cells } of this.#rows) {
      const line = formatTable([cells]).join('');
      if (this.#printed.get(key) === line) continue;
      this.#printed.set(key, line);
      this.#output.write(`${line}\n`);
    }
    const present = new Set(this.#rows.map(({ key }) => key));
    for (const key of this.#printed.keys()) {
      if (present.has(key)) continue;
      this.#printed.delete(key);
      this.#output.write(`${key}   removed\n`);
    }
  }
}
