import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A made store: one path in it, with files of what programs are made of. */
export interface MadeTree {
  /** What stands for `/nix/store`. */
  readonly storeDir: string;
  readonly paths: readonly string[];
  /** Bytes of all files. */
  readonly bytes: number;
  readonly files: number;
}

/** Bytes of one file of a large tree. */
const fileSize = 4 * 1024 * 1024;

/**
 * A store path of `bytes` bytes in `files` files, cut from the files of `sources`, which are taken anew when they are at
 * their end: a compressor of level 3 looks back two megabytes only, so that nothing is easier for it the second time.
 */
export async function makeTree(
  folder: string,
  size: { readonly bytes: number; readonly files?: number },
  sources: readonly string[],
): Promise<MadeTree> {
  const files = size.files ?? Math.ceil(size.bytes / fileSize);
  const storeDir = join(folder, 'store');
  const path = join(storeDir, 'made');
  const cutter = new Cutter(sources);
  let left = size.bytes;
  for (let index = 0; index < files; index += 1) {
    const parent = join(path, String(Math.floor(index / 1000)));
    if (index % 1000 === 0) await mkdir(parent, { recursive: true });
    const share = Math.ceil(left / (files - index));
    await writeFile(join(parent, `file-${index}`), await cutter.next(share));
    left -= share;
  }
  return { storeDir, paths: [path], bytes: size.bytes, files };
}

/** A store path with one file that is a hole of `bytes` bytes. */
export async function makeSparse(folder: string, bytes: number): Promise<MadeTree> {
  const storeDir = join(folder, 'store');
  await mkdir(storeDir, { recursive: true });
  const path = join(storeDir, 'sparse');
  await using file = await open(path, 'w');
  await file.truncate(bytes);
  return { storeDir, paths: [path], bytes, files: 1 };
}

/** All regular files below some paths, the same ones in the same order each time. */
export async function regularFiles(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    if ((await stat(path)).isFile()) found.push(path);
    else
      for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
        if (entry.isFile()) found.push(join(entry.parentPath, entry.name));
  }
  return found.sort();
}

/** Gives out the bytes of files piece by piece, round and round. */
class Cutter {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(sources: readonly string[]) {
    this.#chunks = endless(sources);
  }

  async next(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = size; missing > 0; ) {
      if (this.#rest.length === 0) {
        const { value } = await this.#chunks.next();
        this.#rest = value;
        continue;
      }
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }
}

async function* endless(sources: readonly string[]): AsyncGenerator<Buffer, never, undefined> {
  for (;;) for (const source of sources) yield* createReadStream(source, { highWaterMark: fileSize });
}
