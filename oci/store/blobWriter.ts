import type { Digest } from '../digest.ts';
import { appear, discard, type TemporaryFile } from './appear.ts';
import { StoreError } from './errors.ts';
import { blobPath } from './layout.ts';
import { regularSize } from './safeFiles.ts';

/** Where a blob's bytes go before it has a name. */
export class BlobWriter {
  readonly #tree: { readonly path: string; discardBlob(digest: Digest): Promise<void> };
  readonly #temporary: TemporaryFile;
  #size = 0;

  constructor(
    tree: { readonly path: string; discardBlob(digest: Digest): Promise<void> },
    temporary: TemporaryFile,
  ) {
    this.#tree = tree;
    this.#temporary = temporary;
  }

  /** Path of the unfinished file, for a writer in another thread. */
  get path(): string {
    return this.#temporary.path;
  }

  /** Bytes written so far through this object. */
  get size(): number {
    return this.#size;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#temporary.file.appendFile(bytes);
    this.#size += bytes.length;
  }

  /** Gives the blob its name. One that is there already stays, unless its size is another: that one goes to the trash. */
  async commit(digest: Digest): Promise<Digest> {
    const path = blobPath(this.#tree.path, digest);
    try {
      const { size } = await this.#temporary.file.stat();
      const found = await regularSize(path);
      if (found !== undefined && found !== size) await this.#tree.discardBlob(digest);
      const outcome = await appear(this.#temporary, path);
      if (outcome === 'there' && (await regularSize(path)) !== size)
        throw new StoreError(
          'BLOB_MISMATCH',
          `${path} has another size than its bytes should have; remove it`,
        );
      return digest;
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  abort(): Promise<void> {
    return discard(this.#temporary);
  }
}
