import { algorithmOf, type Digest, digestOf } from '../digest.ts';
import { manifestLimit, type ParsedManifest, parseManifest } from '../manifest.ts';
import { isImageName, isTag } from '../names.ts';
import type { Referrer } from '../referrer.ts';
import * as layout from './layout.ts';
import { isPublicationName, type Publication, parsePublication, publicationLimit } from './publication.ts';
import { readReferrers } from './referrers.ts';
import { listNames, openRegular, type RegularFile, readRegular, regularSize } from './safeFiles.ts';
import { type Stamp, stampOf } from './stamp.ts';
import { findTags, type TagList } from './tagList.ts';

/** A manifest as stored, whose bytes hash to its digest. */
export interface StoredManifest extends ParsedManifest {
  readonly digest: Digest;
  readonly bytes: Buffer;
}

const podName = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Most names that are read of a tag's folder, which has four at most; a tenant can make more, and then sees no more. */
const publicationsLimit = 1000;
/** Most of them that are opened, the newest, so that a folder of forged ones costs whoever asks for the tag little. */
const openedLimit = 100;
const tagsLimit = 100_000;

/** Reads one namespace's tree. All in it may have been written by a tenant: nothing is followed, nothing blocks. */
export class NamespaceReader {
  readonly #tree: string;

  /** @param tree absolute, canonical path. */
  constructor(tree: string) {
    this.#tree = tree;
  }

  /** An open blob, also one that is retired; whoever gets it closes it. */
  async openBlob(digest: Digest): Promise<RegularFile | undefined> {
    for (const path of this.#placesOf(digest)) {
      const opened = await openRegular(path);
      if (opened !== undefined) return opened;
    }
    return undefined;
  }

  /** Bytes of a blob that may be relied upon; a retired one has to be called back first. */
  blobSize(digest: Digest): Promise<number | undefined> {
    return regularSize(layout.blobPath(this.#tree, digest));
  }

  /** Whether a blob can be read, be it retired or not. */
  async isThere(digest: Digest): Promise<boolean> {
    return (await this.#servedSize(digest)) !== undefined;
  }

  /** A manifest of that image, where it is there and its bytes are the ones that its name promises. */
  async readManifest(image: string, digest: Digest): Promise<StoredManifest | undefined> {
    if (!isImageName(image)) return undefined;
    const bytes =
      (await readRegular(layout.manifestPath(this.#tree, image, digest), manifestLimit)) ??
      (await readRegular(layout.pushedPath(this.#tree, image, digest), manifestLimit));
    if (bytes === undefined || digestOf(bytes, algorithmOf(digest)) !== digest) return undefined;
    const parsed = parseManifest(bytes);
    return parsed === undefined ? undefined : { ...parsed, digest, bytes };
  }

  /** The newest hundred, newest first. */
  async publications(image: string, tag: string): Promise<Publication[]> {
    if (!isImageName(image) || !isTag(tag)) return [];
    const publications: Publication[] = [];
    for await (const publication of this.#newestFirst(image, tag)) publications.push(publication);
    return publications;
  }

  /** The newest publication of a tag: what the tag names. */
  async currentPublication(image: string, tag: string): Promise<Publication | undefined> {
    if (!isImageName(image) || !isTag(tag)) return undefined;
    for await (const publication of this.#newestFirst(image, tag)) return publication;
    return undefined;
  }

  /** Tags that have a publication; undefined where there is no such image. */
  async tags(image: string): Promise<TagList | undefined> {
    const names = await this.tagFolders(image);
    return names && (await findTags(layout.tagsFolder(this.#tree, image), names));
  }

  /** Tags that have a folder, in order, whether or not it has a publication by now. */
  async tagFolders(image: string): Promise<string[] | undefined> {
    if (!isImageName(image)) return undefined;
    const names = await listNames(layout.tagsFolder(this.#tree, image), tagsLimit);
    return names?.filter(isTag).sort();
  }

  /** The stamp of what `currentPublication` reads. */
  async tagStamp(image: string, tag: string): Promise<Stamp | undefined> {
    if (!isImageName(image) || !isTag(tag)) return undefined;
    return await stampOf(layout.tagFolder(this.#tree, image, tag));
  }

  /** The stamp of what `tagFolders` reads. */
  async tagsStamp(image: string): Promise<Stamp | undefined> {
    return isImageName(image) ? await stampOf(layout.tagsFolder(this.#tree, image)) : undefined;
  }

  /** The stamp of what `referrers` reads. */
  async referrersStamp(image: string, subject: Digest): Promise<Stamp | undefined> {
    return isImageName(image) ? await stampOf(layout.referrersFolder(this.#tree, image, subject)) : undefined;
  }

  /** The manifests of an image that name `subject` as their subject. */
  referrers(image: string, subject: Digest): Promise<Referrer[]> {
    return readReferrers(this.#tree, image, subject);
  }

  /** Whether all that a publication names is there: the manifest, and each blob with its size. */
  async isComplete(image: string, publication: Publication): Promise<boolean> {
    const manifest = await this.readManifest(image, publication.digest);
    if (manifest === undefined) return false;
    const sizes = await Promise.all(manifest.blobs.map(({ digest }) => this.#servedSize(digest)));
    return manifest.blobs.every(({ size }, index) => sizes[index] === size);
  }

  /** What that builder says it does, as it wrote it: not checked but for its length. */
  async readProgress(pod: string): Promise<Buffer | undefined> {
    if (!podName.test(pod)) return undefined;
    return await readRegular(layout.progressPath(this.#tree, pod), 4096);
  }

  /** What the keeper noted about an image that is built, as it is in the file: not checked but for its length. */
  async readNews(image: string): Promise<Buffer | undefined> {
    if (!isImageName(image)) return undefined;
    return await readRegular(`${this.#tree}/progress/${layout.newsName(image)}`, 4096);
  }

  async #servedSize(digest: Digest): Promise<number | undefined> {
    const opened = await this.openBlob(digest);
    await opened?.file.close();
    return opened?.size;
  }

  /** A retired blob that is called back between the first two looks is found by the third. */
  #placesOf(digest: Digest): readonly string[] {
    const path = layout.blobPath(this.#tree, digest);
    return [path, layout.retiredPath(this.#tree, digest), path];
  }

  async *#newestFirst(image: string, tag: string): AsyncGenerator<Publication> {
    const folder = layout.tagFolder(this.#tree, image, tag);
    const names = ((await listNames(folder, publicationsLimit)) ?? []).filter(isPublicationName).sort();
    for (const name of names.slice(-openedLimit).reverse()) {
      const bytes = await readRegular(`${folder}/${name}`, publicationLimit);
      const publication = bytes === undefined ? undefined : parsePublication(name, bytes);
      if (publication !== undefined) yield publication;
    }
  }
}
