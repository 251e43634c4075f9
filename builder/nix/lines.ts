/**
 * Splits a stream of bytes into lines and holds at most `limit` bytes of one: what a longer line has beyond that is
 * dropped, so that a builder's output without a line end cannot fill the memory.
 */
export class LineSplitter {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #held = 0;

  constructor(limit = 4 * 1024 * 1024) {
    this.#limit = limit;
  }

  /** The lines that `chunk` completes, without their line ends. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
      this.#hold(chunk.subarray(from, end));
      lines.push(this.#take());
      from = end + 1;
    }
    this.#hold(chunk.subarray(from));
    return lines;
  }

  /** The last line, where the stream did not end with a line end. */
  end(): string[] {
    return this.#held === 0 ? [] : [this.#take()];
  }

  #hold(part: Uint8Array): void {
    const room = this.#limit - this.#held;
    const kept = part.subarray(0, room);
    if (kept.length === 0) return;
    this.#parts.push(kept);
    this.#held += kept.length;
  }

  #take(): string {
    const line = Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#held = 0;
    return line;
  }
}
