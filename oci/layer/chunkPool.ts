/** Bytes of a chunk. */
export const chunkSize = 256 * 1024;

/**
 * Buffers of one size that are used again: a layer of gigabytes is read into the same few of them, so that memory does
 * not depend on how often garbage is collected.
 */
export class ChunkPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(chunkSize);
  }

  /** A chunk that nobody reads any more. What is no whole chunk is left to the garbage. */
  give(chunk: Buffer): void {
    if (chunk.length === chunkSize) this.#free.push(chunk);
  }
}
