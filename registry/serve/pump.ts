import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { BufferPool } from './bufferPool.ts';
import type { ByteRange } from './range.ts';

/** The file ended before its bytes did: somebody cut it while it was read. */
export class ShortFileError extends Error {
  override readonly name = 'ShortFileError';
}

/**
 * Sends the bytes of a range of a file: read at a position into one pooled buffer, written, and read again only after
 * the socket took them. Streams do the same with a new buffer a chunk, at half the speed.
 * Ends early, without an error, where the client goes away.
 * @throws {ShortFileError} and I/O errors; the response's headers are out by then, so the caller cuts the connection.
 */
export async function pump(
  file: FileHandle,
  { first, last }: ByteRange,
  response: ServerResponse,
  pool: BufferPool,
): Promise<void> {
  const buffer = pool.take();
  let lost = false;
  try {
    let position = first;
    while (position <= last && !response.destroyed) {
      const wanted = Math.min(buffer.length, last - position + 1);
      const { bytesRead } = await file.read(buffer, 0, wanted, position);
      if (bytesRead === 0) throw new ShortFileError(`the file ends at byte ${position}, before byte ${last}`);
      if (response.destroyed) return;
      lost = !(await written(response, buffer.subarray(0, bytesRead)));
      if (lost) return;
      position += bytesRead;
    }
  } finally {
    if (lost) pool.forget(buffer);
    else pool.give(buffer);
  }
}

/** Resolves when the socket is done with the bytes: true where they went out, false where the client left. */
function written(response: ServerResponse, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const left = (): void => resolve(false);
    response.once('close', left);
    response.write(bytes, (error) => {
      response.off('close', left);
      resolve(error === null || error === undefined);
    });
  });
}
