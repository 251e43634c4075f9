/** Lends buffers for reading, so that a download costs no allocation a chunk. */
export interface BufferPool {
  /** Large ones while few are lent, small ones beyond, so that many downloads need little memory. */
  take(): Buffer;
  /** Takes a buffer back that nobody reads any more. */
  give(buffer: Buffer): void;
  /** Writes a buffer off that a closed socket may still read; it is left to the garbage collector. */
  forget(buffer: Buffer): void;
}

/** 1 MiB is fastest for a few downloads; 256 KiB keeps memory and the event loop free with many. */
const largeBytes = 1_048_576;
const largeCount = 4;
const smallBytes = 262_144;
const smallKept = 32;

export function createBufferPool(): BufferPool {
  const large: Buffer[] = [];
  const small: Buffer[] = [];
  let largeLent = 0;
  return {
    take() {
      if (largeLent >= largeCount) return small.pop() ?? Buffer.allocUnsafeSlow(smallBytes);
      largeLent += 1;
      return large.pop() ?? Buffer.allocUnsafeSlow(largeBytes);
    },
    give(buffer) {
      if (buffer.length === largeBytes) {
        largeLent -= 1;
        large.push(buffer);
      } else if (small.length < smallKept) small.push(buffer);
    },
    forget(buffer) {
      if (buffer.length === largeBytes) largeLent -= 1;
    },
  };
}
