import { randomUUID } from 'node:crypto';
import { link, lstat, mkdir, realpath, rename, rm, statfs, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno, messageOf } from '../../runtime/errors.ts';
import { type Digest, digestOf, hexOf } from '../digest.ts';
import { appear, appearWith, createTemporary, discard, removeFile } from './appear.ts';
import { BlobWriter } from './blobWriter.ts';
import { StoreError } from './errors.ts';
import * as layout from './layout.ts';
import { prune } from './prune.ts';
import { encodePublication, type Publication, type PublicationName, publicationName } from './publication.ts';
import { NamespaceReader } from './reader.ts';
import { callBack } from './retire.ts';
import { listNames, readRegular, regularSize } from './safeFiles.ts';
import { ownerOf } from './store.ts';
import { parseLayer, type StoredLayer } from './storedLayer.ts';

/** How long a file in `tmp` is taken for one that somebody writes. */
const leftoverMilliseconds = 24 * 60 * 60 * 1000;
/** Most names in `tmp` that are looked at; the next builder looks at the rest. */
const leftoverLimit = 10_000;

/**
 * Opens a namespace's tree to write images into it, on behalf of one Pod. A builder sees this tree and nothing above.
 * @throws {StoreError} `NAMESPACE_MISSING`
 */
export async function openTree(path: string, pod: string): Promise<NamespaceTree> {
  const canonical = await realpath(path).catch((cause: unknown) => {
    throw new StoreError('NAMESPACE_MISSING', `the store ${path} is not there: ${messageOf(cause)}`, {
      cause,
    });
  });
  if ((await ownerOf(canonical)) === undefined)
    throw new StoreError(
      'NAMESPACE_MISSING',
      `${path} is no namespace's tree: it has no ${layout.namespaceFile}; the keeper makes it when the namespace is enabled`,
    );
  await removeLeftovers(join(canonical, 'tmp'));
  return new NamespaceTree(canonical, pod);
}

/** Writes one namespace's tree. Whoever reads meanwhile sees whole files, and a tag only when all it needs is there. */
export class NamespaceTree {
  readonly reader: NamespaceReader;
  readonly #path: string;
  readonly #pod: string;

  constructor(path: string, pod: string) {
    this.#path = path;
    this.#pod = pod;
    this.reader = new NamespaceReader(path);
  }

  get path(): string {
    return this.#path;
  }

  /** Bytes that a process without privileges may still write. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#path);
    return bavail * bsize;
  }

  /** A blob to be written in pieces. */
  async blobWriter(): Promise<BlobWriter> {
    return new BlobWriter(this, await createTemporary(this.#path));
  }

  async putBlob(bytes: Uint8Array): Promise<Digest> {
    const writer = await this.blobWriter();
    try {
      await writer.write(bytes);
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return await writer.commit(digestOf(bytes));
  }

  /**
   * Keeps a blob from being collected until `releaseLeases`, by a second link to it.
   * @returns whether the blob is there with that size. One of another size is taken out of service.
   */
  async lease(digest: Digest, size: number): Promise<boolean> {
    const blob = layout.blobPath(this.#path, digest);
    let found = await regularSize(blob);
    if (found === undefined && (await callBack(this.#path, digest))) found = await regularSize(blob);
    if (found === undefined) return false;
    if (found !== size) {
      await this.discardBlob(digest);
      return false;
    }
    const folder = layout.leaseFolder(this.#path, this.#pod);
    await mkdir(folder, { recursive: true, mode: 0o2770 });
    try {
      await link(blob, join(folder, hexOf(digest)));
      return true;
    } catch (error) {
      if (hasErrno(error, 'EEXIST')) return true;
      if (hasErrno(error, 'ENOENT')) return false;
      throw error;
    }
  }

  /** Moves a blob whose bytes are not those of its name into the trash; readers that have it open read on. */
  async discardBlob(digest: Digest): Promise<void> {
    const trash = join(this.#path, 'trash');
    await mkdir(trash, { recursive: true, mode: 0o2770 });
    try {
      await rename(layout.blobPath(this.#path, digest), join(trash, `${hexOf(digest)}-${randomUUID()}`));
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
  }

  /** A layer written before under this key, leased; undefined where there is none whose blob is whole. */
  async findLayer(key: string): Promise<StoredLayer | undefined> {
    const path = layout.layerPath(this.#path, key);
    const record = await readRegular(path, 4096);
    if (record === undefined) return undefined;
    const layer = parseLayer(record);
    if (layer !== undefined && (await this.lease(layer.digest, layer.size))) return layer;
    await removeFile(path);
    return undefined;
  }

  /** Remembers a layer by its key. Two builders may do so at once: one wins, and both layers unpack to the same. */
  async rememberLayer(key: string, layer: StoredLayer): Promise<void> {
    const { digest, size, diffId, mediaType } = layer;
    const temporary = await createTemporary(this.#path);
    try {
      await temporary.file.writeFile(`${JSON.stringify({ v: 1, digest, size, diffId, mediaType })}\n`);
    } catch (error) {
      await discard(temporary);
      throw error;
    }
    // Two syncs less for each layer: without its record a layer is only written once more.
    await appear(temporary, layout.layerPath(this.#path, key), { synced: false });
  }

  /** Writes a manifest; all that it names must be in the store. */
  async putManifest(image: string, bytes: Uint8Array): Promise<Digest> {
    const digest = digestOf(bytes);
    const path = layout.manifestPath(this.#path, image, digest);
    while ((await appearWith(this.#path, path, bytes)) === 'there') {
      // It may be nobody's by now: its new time keeps it until it is published. Where it has just gone, it is written.
      try {
        await utimes(path, new Date(), new Date());
        break;
      } catch (error) {
        if (!hasErrno(error, 'ENOENT')) throw error;
      }
    }
    return digest;
  }

  /** Whether the tag has a newer publication than this one. */
  async isSuperseded(image: string, tag: string, publication: PublicationName): Promise<boolean> {
    const current = await this.reader.currentPublication(image, tag);
    return current !== undefined && publicationName(current) > publicationName(publication);
  }

  /**
   * Gives the tag this publication; of several the newest counts, whoever writes last. Afterwards those that are older
   * than the newest three go, with the manifests that nobody names.
   * @throws {StoreError} `CONFLICT` where the same build published something else.
   */
  async publish(image: string, tag: string, publication: Publication): Promise<void> {
    const path = join(layout.tagFolder(this.#path, image, tag), publicationName(publication));
    await appearWith(this.#path, path, encodePublication(publication));
    await prune(this.#path, image, tag);
  }

  /** What this Pod does now, for whoever asks. The text replaces the last one; it is at most 4 KiB. */
  async writeProgress(text: string): Promise<void> {
    const temporary = join(this.#path, 'tmp', randomUUID());
    try {
      await writeFile(temporary, text, { mode: 0o640, flag: 'wx' });
      await rename(temporary, layout.progressPath(this.#path, this.#pod));
    } catch (error) {
      await removeFile(temporary);
      throw error;
    }
  }

  async releaseLeases(): Promise<void> {
    await rm(layout.leaseFolder(this.#path, this.#pod), { recursive: true, force: true });
  }
}

/** What a builder that was killed left behind. */
async function removeLeftovers(folder: string): Promise<void> {
  const now = Date.now();
  for (const name of (await listNames(folder, leftoverLimit)) ?? []) {
    const path = join(folder, name);
    const age = await lstat(path).then(
      ({ mtimeMs }) => now - mtimeMs,
      () => 0,
    );
    if (age > leftoverMilliseconds) await rm(path, { recursive: true, force: true });
  }
}
