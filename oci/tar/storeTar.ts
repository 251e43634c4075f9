import { closeSync, openSync, readSync } from 'node:fs';
import { messageOf } from '../../runtime/errors.ts';
import { ChunkPool, chunkSize } from '../layer/chunkPool.ts';
import { LayerError } from '../layer/errors.ts';
import { blockSize, padding, recordSize, type TarEntry, type TarStyle, tarHeader } from './header.ts';
import { walk } from './walk.ts';

export interface StoreTar {
  /** `/nix/store`. */
  readonly storeDir: string;
  /** Absolute store paths, in the layer's order. */
  readonly paths: readonly string[];
  readonly style: TarStyle;
}

const nothing = Buffer.alloc(0);
const zeros = Buffer.alloc(blockSize);
const oneByte = Buffer.alloc(1);

/**
 * The bytes of a layer of store paths, as nixpkgs' stream_layered_image.py writes them: the folders of the store, then
 * each path with all under it. Chunks are 256 KiB but the last. Each file is read once.
 * @param pool where chunks come from; whoever reads them may give them back.
 * @throws {LayerError} `CHANGED` where a file goes or changes its size while it is read.
 */
export function* storeTar(
  { storeDir, paths, style }: StoreTar,
  pool: ChunkPool = new ChunkPool(),
): Generator<Buffer> {
  let chunk = pool.take();
  let filled = 0;
  let total = 0;
  function* put(bytes: Buffer): Generator<Buffer> {
    for (let done = 0; done < bytes.length; ) {
      const copied = bytes.copy(chunk, filled, done);
      done += copied;
      filled += copied;
      if (filled === chunkSize) yield take();
    }
  }
  function take(): Buffer {
    const full = filled === chunkSize ? chunk : chunk.subarray(0, filled);
    total += filled;
    chunk = pool.take();
    filled = 0;
    return full;
  }
  function* putFile(entry: TarEntry): Generator<Buffer> {
    const file = openFile(entry);
    try {
      let atEnd = false;
      for (let left = entry.size; left > 0; ) {
        // Asked for one byte too many, a file shows its end with its last bytes: one call less for each small file.
        const wanted = Math.min(chunkSize - filled, left + 1);
        const read = readSync(file, chunk, filled, wanted, null);
        if (read === 0 || read > left) throw changed(entry);
        atEnd = read < wanted;
        left -= read;
        filled += read;
        if (filled === chunkSize) yield take();
      }
      if (!atEnd && readSync(file, oneByte) !== 0) throw changed(entry);
    } finally {
      closeSync(file);
    }
  }
  for (const entry of entries(storeDir, paths)) {
    yield* put(tarHeader(entry, style));
    if (entry.size === 0) continue;
    yield* putFile(entry);
    yield* put(zeros.subarray(0, padding(entry.size, blockSize)));
  }
  const written = total + filled + 2 * blockSize;
  yield* put(Buffer.alloc(2 * blockSize + padding(written, recordSize)));
  if (filled > 0) yield take();
}

function* entries(storeDir: string, paths: readonly string[]): Generator<TarEntry> {
  const components = storeDir.split('/').slice(1);
  for (const index of components.keys()) {
    const name = Buffer.from(`/${components.slice(0, index + 1).join('/')}`);
    yield { name, type: 'directory', mode: 0o755, size: 0, target: nothing };
  }
  for (const path of paths) yield* walkPath(path);
}

function* walkPath(path: string): Generator<TarEntry> {
  try {
    yield* walk(Buffer.from(path));
  } catch (cause) {
    if (cause instanceof LayerError) throw cause;
    throw new LayerError('CHANGED', `the store path ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function openFile(entry: TarEntry): number {
  try {
    return openSync(entry.name, 'r');
  } catch (cause) {
    throw new LayerError('CHANGED', `${entry.name.toString()} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function changed(entry: TarEntry): LayerError {
  return new LayerError(
    'CHANGED',
    `${entry.name.toString()} changed while it was read; store paths never do: check the disk with \`nix-store --verify --check-contents\``,
  );
}
