import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { algorithmOf, type Digest, hexOf } from '../../digest.ts';
import { StoreError } from '../errors.ts';
import { makeFolder } from '../openFolder.ts';
import { fileMode } from './newFile.ts';

const id = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const appending = constants.O_WRONLY | constants.O_APPEND;
const chunkBytes = 1_048_576;

export function isUploadId(text: string): boolean {
  return id.test(text);
}

/**
 * Blobs that are being pushed into a namespace's tree. An upload is a file in `tmp` and nothing else, so that any process
 * can go on with it; one that is left alone goes with the other leftovers after a day.
 */
export class Uploads {
  readonly #tree: string;

  /** @param tree absolute, canonical path. */
  constructor(tree: string) {
    this.#tree = tree;
  }

  /** Begins an upload. @returns its id. */
  async begin(): Promise<string> {
    await using folder = await makeFolder(this.#tree, 'tmp');
    const name = randomUUID();
    const file = await open(folder.at(fileName(name)), 'wx', fileMode);
    await file.close();
    return name;
  }

  /** Bytes so far; undefined where there is no such upload. */
  async size(upload: string): Promise<number | undefined> {
    await using folder = await makeFolder(this.#tree, 'tmp');
    return await folder.sizeOf(fileName(upload));
  }

  /**
   * Appends what `source` gives; what came before it failed stays, for the client to go on from there.
   * @returns the bytes so far; undefined where there is no such upload.
   */
  async append(upload: string, source: AsyncIterable<Uint8Array>): Promise<number | undefined> {
    await using folder = await makeFolder(this.#tree, 'tmp');
    await using file = await folder.open(fileName(upload), appending);
    if (file === undefined) return undefined;
    for await (const chunk of source) await file.appendFile(chunk);
    return (await file.stat()).size;
  }

  /**
   * Gives the upload its name as a blob, and ends it, whether that works or not.
   * @throws {StoreError} `BLOB_MISMATCH` where its bytes are not the digest's.
   */
  async commit(upload: string, digest: Digest): Promise<void> {
    await using folder = await makeFolder(this.#tree, 'tmp');
    try {
      await using file = await folder.open(fileName(upload));
      if (file === undefined || (await hexOfFile(file, digest)) !== hexOf(digest))
        throw new StoreError('BLOB_MISMATCH', `the bytes that came are not those of ${digest}`);
      await file.sync();
      const { size } = await file.stat();
      await using blobs = await makeFolder(this.#tree, 'blobs', algorithmOf(digest));
      const outcome = await blobs.take(folder, fileName(upload), hexOf(digest));
      if (outcome === 'made' || (await blobs.sizeOf(hexOf(digest))) === size) return;
      // What bears the name cannot be that blob.
      await using trash = await makeFolder(this.#tree, 'trash');
      await trash.move(blobs, hexOf(digest), `${hexOf(digest)}-${randomUUID()}`);
      await blobs.take(folder, fileName(upload), hexOf(digest));
    } finally {
      await folder.remove(fileName(upload));
    }
  }

  /** @returns whether there was such an upload. */
  async cancel(upload: string): Promise<boolean> {
    await using folder = await makeFolder(this.#tree, 'tmp');
    return await folder.remove(fileName(upload));
  }
}

function fileName(upload: string): string {
  if (!isUploadId(upload)) throw new RangeError(`no id of an upload: ${upload}`);
  return `upload-${upload}`;
}

async function hexOfFile(file: FileHandle, digest: Digest): Promise<string> {
  const hash = createHash(algorithmOf(digest));
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}
