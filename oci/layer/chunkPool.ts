/** Bytes of a chunk. */
export const chunkSize = 256 * 1024;

const mostFree = 8;

/**
 * Buffers of one size that are used again: a layer of gigabytes is read into the same few of them, so that memory does
 * not depend on how often garbage is collected.
 */
export class ChunkPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(chunkSize);
  }

  /** A chunk that nobody reads any more. What is no whole chunk, and more than can be of use, is left to the garbage. */
  give(chunk: Buffer): void {
    if (chunk.buffer.byteLength === chunkSize && chunk.length === chunkSize && this.#free.length < mostFree)
      this.#free.push(chunk);
  }
}
