/** Lends buffers for reading, so that a download costs no allocation a chunk. */
export interface BufferPool {
  /** Large ones while few are lent, smaller ones beyond, so that many downloads need little memory. */
  take(): Buffer;
  /** Takes a buffer back that nobody reads any more. */
  give(buffer: Buffer): void;
  /** Writes a buffer off that a closed socket may still read; it is left to the garbage collector. */
  forget(buffer: Buffer): void;
}

/**
 * 1 MiB is fastest for a few downloads; 256 KiB keeps memory and the event loop free with many. A client that reads a byte
 * a second keeps its buffer for as long as it likes, so that thousands of those get little ones: 20,000 hold 400 MB.
 */
const sizes: readonly { readonly bytes: number; readonly most: number; readonly kept: number }[] = [
  { bytes: 1_048_576, most: 4, kept: 2 },
  { bytes: 262_144, most: 60, kept: 4 },
  { bytes: 65_536, most: 448, kept: 16 },
  { bytes: 16_384, most: Number.POSITIVE_INFINITY, kept: 64 },
];

interface Shelf {
  readonly bytes: number;
  readonly most: number;
  readonly kept: number;
  readonly idle: Buffer[];
  lent: number;
}

export function createBufferPool(): BufferPool {
  const shelves: readonly Shelf[] = sizes.map(({ bytes, most, kept }) => ({
    bytes,
    most,
    kept,
    idle: [],
    lent: 0,
  }));
  const shelfOf = ({ length }: Buffer): Shelf | undefined => shelves.find(({ bytes }) => bytes === length);
  return {
    take() {
      const shelf = shelves.find(({ lent, most }) => lent < most);
      if (shelf === undefined) throw new RangeError('the last size has no bound');
      shelf.lent += 1;
      return shelf.idle.pop() ?? Buffer.allocUnsafeSlow(shelf.bytes);
    },
    give(buffer) {
      const shelf = shelfOf(buffer);
      if (shelf === undefined) return;
      shelf.lent -= 1;
      if (shelf.idle.length < shelf.kept) shelf.idle.push(buffer);
      // At once, and not when the collector next comes by.
      else if (buffer.buffer instanceof ArrayBuffer) buffer.buffer.transfer(0);
    },
    forget(buffer) {
      const shelf = shelfOf(buffer);
      if (shelf !== undefined) shelf.lent -= 1;
    },
  };
}
