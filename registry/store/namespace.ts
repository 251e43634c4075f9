import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isCount,
  isObject,
  newestFirst,
  ordinalOf,
  type Publication,
  parseObject,
  parsePublication,
} from './publication.ts';
import { listFolder, openFile, readSmallFile } from './safeFile.ts';

export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** What a manifest counts on: its config, and its layers or manifests. */
interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

/** One namespace's tree, for reading. Its contents are a tenant's, so nothing in it is believed unchecked. */
export interface NamespaceReader {
  openBlob(digest: string): Promise<{ file: FileHandle; size: number } | undefined>;
  /** Whose bytes hash to `digest`. */
  readManifest(name: string, digest: string): Promise<Manifest | undefined>;
  /** The newest readable publication of a tag. */
  currentPublication(name: string, tag: string): Promise<Publication | undefined>;
  /** The highest ordinal ever seen of a tag; 0 where there was none. */
  highestOrdinal(name: string, tag: string): Promise<number>;
  /** Sorted, with a publication each; undefined where there is no image of that name. */
  tags(name: string): Promise<string[] | undefined>;
  /** Whether the manifest and every blob it names are there, with their sizes. */
  isComplete(name: string, digest: string): Promise<boolean>;
  readProgressFile(pod: string): Promise<Buffer | undefined>;
}

/** As the distribution spec bounds a manifest. */
const manifestLimit = 4 * 1_048_576;
const publicationLimit = 16_384;
const progressLimit = 65_536;
/** A tag keeps three publications, so that more than this is no doing of ours. */
const publicationsLimit = 1000;
const tagsLimit = 20_000;
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const digestPattern = /^sha256:([0-9a-f]{64})$/;
const mediaTypePattern = /^[\w.+-]+\/[\w.+-]+$/;

/** @param tree the namespace's folder, absolute and without symbolic links. */
export function readNamespace(tree: string): NamespaceReader {
  const reader: NamespaceReader = {
    async openBlob(digest) {
      const hex = digestPattern.exec(digest)?.[1];
      return hex === undefined ? undefined : await openFile(join(tree, 'blobs/sha256', hex));
    },
    async readManifest(name, digest) {
      const hex = digestPattern.exec(digest)?.[1];
      if (hex === undefined) return undefined;
      const bytes = await readSmallFile(join(tree, 'images', name, 'manifests/sha256', hex), manifestLimit);
      if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== hex) return undefined;
      const mediaType = parseObject(bytes)?.['mediaType'];
      const known = typeof mediaType === 'string' && mediaTypePattern.test(mediaType);
      return { digest, bytes, mediaType: known ? mediaType : 'application/vnd.oci.image.manifest.v1+json' };
    },
    async currentPublication(name, tag) {
      const folder = join(tree, 'images', name, 'tags', tag);
      for (const file of newestFirst((await listFolder(folder, publicationsLimit)) ?? []).slice(0, 10)) {
        const bytes = await readSmallFile(join(folder, file), publicationLimit);
        const publication = bytes === undefined ? undefined : parsePublication(bytes);
        if (publication !== undefined) return publication;
      }
      return undefined;
    },
    async highestOrdinal(name, tag) {
      const entries = (await listFolder(join(tree, 'images', name, 'tags', tag), publicationsLimit)) ?? [];
      return newestFirst(entries).reduce((highest, file) => Math.max(highest, ordinalOf(file)), 0);
    },
    async tags(name) {
      const entries = await listFolder(join(tree, 'images', name, 'tags'), tagsLimit);
      return entries?.filter((entry) => tagPattern.test(entry)).toSorted();
    },
    async isComplete(name, digest) {
      const manifest = await reader.readManifest(name, digest);
      const descriptors = manifest === undefined ? undefined : descriptorsOf(manifest.bytes);
      if (descriptors === undefined) return false;
      for (const descriptor of descriptors) {
        const blob = await reader.openBlob(descriptor.digest);
        await blob?.file.close();
        if (blob?.size !== descriptor.size) return false;
      }
      return true;
    },
    readProgressFile: (pod) => readSmallFile(join(tree, 'progress', `${pod}.json`), progressLimit),
  };
  return reader;
}

/** The config and the layers; undefined where the bytes are no image manifest. */
function descriptorsOf(bytes: Buffer): Descriptor[] | undefined {
  const { config, layers } = parseObject(bytes) ?? {};
  if (!Array.isArray(layers)) return undefined;
  const descriptors: Descriptor[] = [];
  for (const value of [config, ...layers]) {
    if (!isObject(value) || typeof value['digest'] !== 'string' || !isCount(value['size'])) return undefined;
    descriptors.push({ digest: value['digest'], size: value['size'] });
  }
  return descriptors;
}
