import { createHash, randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { algorithmOf, type Digest, type DigestAlgorithm, hexOf, parseDigest } from '../digest.ts';
import { findFolder, makeFolder } from './openFolder.ts';
import { listNames } from './safeFiles.ts';

export interface Scrubbed {
  readonly checked: number;
  /** Bytes that were read. */
  readonly bytes: number;
  /** Blobs whose bytes were not those of their names; they are in the trash now. */
  readonly bad: readonly Digest[];
}

export interface ScrubOptions {
  /** Bytes that are read in a second at most: others use the volume too. */
  readonly bytesPerSecond?: number;
  /** Ends the scrubbing between two reads. */
  readonly signal?: AbortSignal;
}

const algorithms: readonly DigestAlgorithm[] = ['sha256', 'sha512'];
const places = ['blobs', 'retired'] as const;
const limit = 1_000_000;
const chunkBytes = 1_048_576;
const defaultRate = 64 * 1_048_576;

/**
 * Reads every blob of a namespace's tree and takes those out of service whose bytes are not what their names say: a disk
 * that forgets, a writer that lied. An image that needs such a blob is not complete any more, so that it is built again.
 */
export async function scrub(tree: string, options: ScrubOptions = {}): Promise<Scrubbed> {
  const { signal = new AbortController().signal, bytesPerSecond = defaultRate } = options;
  const bad: Digest[] = [];
  let [checked, bytes] = [0, 0];
  const paced = async (read: number): Promise<void> => {
    bytes += read;
    await delay((read / bytesPerSecond) * 1000);
  };
  for (const place of places)
    for (const algorithm of algorithms)
      for (const hex of (await listNames(`${tree}/${place}/${algorithm}`, limit)) ?? []) {
        if (signal.aborted) return { checked, bytes, bad };
        const digest = parseDigest(`${algorithm}:${hex}`);
        if (digest === undefined) continue;
        checked += 1;
        if (await isBad(tree, place, digest, paced, signal)) {
          await discard(tree, place, digest);
          bad.push(digest);
        }
      }
  return { checked, bytes, bad };
}

async function isBad(
  tree: string,
  place: (typeof places)[number],
  digest: Digest,
  paced: (read: number) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  await using folder = await findFolder(tree, place, algorithmOf(digest));
  await using file = await folder?.open(hexOf(digest));
  // Removed meanwhile, or no file at all: then nobody is served it.
  if (file === undefined) return false;
  const hex = await hexOfFile(file, digest, paced, signal);
  return hex !== undefined && hex !== hexOf(digest);
}

/** Undefined where it was stopped before the end. */
async function hexOfFile(
  file: FileHandle,
  digest: Digest,
  paced: (read: number) => Promise<void>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const hash = createHash(algorithmOf(digest));
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let position = 0; !signal.aborted; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
    await paced(bytesRead);
  }
  return undefined;
}

async function discard(tree: string, place: (typeof places)[number], digest: Digest): Promise<void> {
  await using folder = await findFolder(tree, place, algorithmOf(digest));
  await using trash = await makeFolder(tree, 'trash');
  if (folder !== undefined) await trash.move(folder, hexOf(digest), `${hexOf(digest)}-${randomUUID()}`);
}
