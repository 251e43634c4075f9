import { join, relative } from 'node:path';
import { parseDigest } from '../../oci/digest.ts';
import type { Referrer } from '../../oci/referrer.ts';
import type { NamespaceReader } from '../../oci/store/reader.ts';
import type { Store } from '../../oci/store/store.ts';
import type { TagList } from '../../oci/store/tagList.ts';
import { parseBuildNews } from '../buildNews.ts';
import type { Repository } from '../path.ts';
import type { Volume } from '../volume.ts';
import type { Images } from './images.ts';
import { createStampedCache } from './stampedCache.ts';

/** Memory for what is known of tags, lists of tags and lists of referrers. */
const tagBytes = 8_388_608;
const listBytes = 16_777_216;

/**
 * The images on a volume. Only the repository's own namespace is ever looked into. What its folders say is kept until
 * they change.
 */
export function createStoreImages(volume: Volume): Images {
  const currentOfTag = createStampedCache<string>(tagBytes, (digest) => digest.length);
  const tagLists = createStampedCache<TagList>(listBytes, ({ tags, isWhole }) =>
    isWhole ? tags.length * 64 : undefined,
  );
  const referrerLists = createStampedCache<readonly Referrer[]>(listBytes, (list) => list.length * 512);

  const look = <Result>(
    { namespace }: Repository,
    work: (reader: NamespaceReader, store: Store) => Promise<Result | undefined>,
  ): Promise<Result | undefined> =>
    volume.find(async (store) => {
      const reader = await store.namespace(namespace);
      return reader === undefined ? undefined : await work(reader, store);
    });

  return {
    resolve: (repository, tag) =>
      currentOfTag.get(
        keyOf(repository, tag),
        () => volume.glance((store) => store.reader(repository.namespace)?.tagStamp(repository.name, tag)),
        () =>
          look(repository, async (reader) => (await reader.currentPublication(repository.name, tag))?.digest),
      ),
    manifest: (repository, text) =>
      look(repository, async (reader) => {
        const digest = parseDigest(text);
        return digest === undefined ? undefined : await reader.readManifest(repository.name, digest);
      }),
    blob: (repository, text) =>
      look(repository, async (reader, store) => {
        const digest = parseDigest(text);
        const blob = digest === undefined ? undefined : await reader.openBlob(digest);
        if (blob === undefined) return undefined;
        const { namespace } = repository;
        const place = join(namespace, relative(store.treePath(namespace), blob.path));
        return { size: blob.size, source: { kind: 'File', file: blob.file, place } };
      }),
    tags: async (repository) => {
      const list = await tagLists.get(
        keyOf(repository),
        () => volume.glance((store) => store.reader(repository.namespace)?.tagsStamp(repository.name)),
        () => look(repository, (reader) => reader.tags(repository.name)),
      );
      return list?.tags;
    },
    exists: async (repository) =>
      (await look(repository, (reader) => reader.tagFolders(repository.name))) !== undefined,
    news: (repository) =>
      look(repository, async (reader) => {
        const bytes = await reader.readNews(repository.name);
        return bytes === undefined ? undefined : parseBuildNews(parseJson(bytes));
      }),
    referrers: async (repository, text) => {
      const subject = parseDigest(text);
      if (subject === undefined) return [];
      const { namespace, name } = repository;
      const list = await referrerLists.get(
        keyOf(repository, subject),
        () => volume.glance((store) => store.reader(namespace)?.referrersStamp(name, subject)),
        () => look(repository, (reader) => reader.referrers(name, subject)),
      );
      return list ?? [];
    },
    forget() {
      for (const cache of [currentOfTag, tagLists, referrerLists]) cache.clear();
    },
    recall: () => undefined,
    recallTag: (repository, tag) => currentOfTag.peek(keyOf(repository, tag)),
    recallTags: (repository) => tagLists.peek(keyOf(repository))?.tags,
    recallReferrers: (repository, subject) => referrerLists.peek(keyOf(repository, subject)),
    ready: () => volume.present(),
  };
}

function keyOf({ namespace, name }: Repository, what = ''): string {
  return `${namespace}/${name}:${what}`;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
