import { createHash, type Hash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Digest, digestOfHex } from '../digest.ts';
import { type Compression, compressor } from './compression.ts';

/** How many chunks are read while one is compressed, so that neither waits for the other. */
const chunksAhead = 4;

/** A layer's digests and its size as stored. */
export interface PackedLayer {
  readonly digest: Digest;
  /** Bytes as stored. */
  readonly size: number;
  /** Digest of the tar. */
  readonly diffId: Digest;
}

/**
 * Compresses a tar into an open file in one pass: SHA-256 of the tar, compression and SHA-256 of the result together.
 * Writes to the file synchronously: meant for a worker thread, or for what is read slowly.
 * @param file descriptor, open for writing, at its start.
 * @param onTaken told of each chunk when it is not needed any more.
 */
export async function packLayer(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  file: number,
  compression: Compression,
  onTaken: (chunk: Buffer) => void = () => {},
): Promise<PackedLayer> {
  const tarHash = createHash('sha256');
  const transform = compressor(compression);
  if (transform === undefined) {
    let size = 0;
    for await (const chunk of chunks) {
      tarHash.update(chunk);
      writeWhole(file, chunk);
      size += chunk.length;
      onTaken(chunk);
    }
    const diffId = digestOfHex(tarHash.digest('hex'));
    return { digest: diffId, diffId, size };
  }
  return await compressed(chunks, file, { tarHash, transform, onTaken });
}

interface Compressing {
  readonly tarHash: Hash;
  readonly transform: Transform;
  readonly onTaken: (chunk: Buffer) => void;
}

async function compressed(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  file: number,
  { tarHash, transform, onTaken }: Compressing,
): Promise<PackedLayer> {
  const blobHash = createHash('sha256');
  let size = 0;
  transform.on('data', (bytes: Buffer) => {
    blobHash.update(bytes);
    try {
      writeWhole(file, bytes);
    } catch (error) {
      transform.destroy(error instanceof Error ? error : new Error(String(error)));
    }
    size += bytes.length;
  });
  const ended = finished(transform);
  // Awaited below; until then a failure shows at the next write.
  ended.catch(() => {});
  const taking: Promise<void>[] = [];
  try {
    for await (const chunk of chunks) {
      if (transform.destroyed) break;
      tarHash.update(chunk);
      const taken = (resolve: () => void): void => {
        onTaken(chunk);
        resolve();
      };
      taking.push(new Promise((resolve) => void transform.write(chunk, () => taken(resolve))));
      if (taking.length > chunksAhead) await taking.shift();
    }
    // A compressor that learns of the end together with the last bytes ends its frame otherwise. The same tar is to be
    // the same blob, however quick the reader is.
    await Promise.all(taking);
    transform.end();
    await ended;
  } catch (error) {
    transform.destroy();
    throw error;
  }
  return { digest: digestOfHex(blobHash.digest('hex')), diffId: digestOfHex(tarHash.digest('hex')), size };
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
