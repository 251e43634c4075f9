import { parseDigest } from '../../oci/digest.ts';
import type { NamespaceReader } from '../../oci/store/reader.ts';
import { parseBuildNews } from '../buildNews.ts';
import type { Repository } from '../path.ts';
import type { Volume } from '../volume.ts';
import type { Images } from './images.ts';

/** The images on a volume. Only the repository's own namespace is ever looked into. */
export function createStoreImages(volume: Volume): Images {
  const look = <Result>(
    { namespace }: Repository,
    work: (reader: NamespaceReader) => Promise<Result | undefined>,
  ): Promise<Result | undefined> =>
    volume.find(async (store) => {
      const reader = await store.namespace(namespace);
      return reader === undefined ? undefined : await work(reader);
    });

  return {
    resolve: (repository, tag) =>
      look(repository, async (reader) => (await reader.currentPublication(repository.name, tag))?.digest),
    manifest: (repository, text) =>
      look(repository, async (reader) => {
        const digest = parseDigest(text);
        return digest === undefined ? undefined : await reader.readManifest(repository.name, digest);
      }),
    blob: (repository, text) =>
      look(repository, async (reader) => {
        const digest = parseDigest(text);
        const blob = digest === undefined ? undefined : await reader.openBlob(digest);
        return blob && { size: blob.size, source: { kind: 'File', file: blob.file } };
      }),
    tags: (repository) => look(repository, (reader) => reader.tags(repository.name)),
    exists: async (repository) =>
      (await look(repository, (reader) => reader.tags(repository.name))) !== undefined,
    news: (repository) =>
      look(repository, async (reader) => {
        const bytes = await reader.readNews(repository.name);
        return bytes === undefined ? undefined : parseBuildNews(parseJson(bytes));
      }),
    referrers: async (repository, text) =>
      (await look(repository, async (reader) => {
        const digest = parseDigest(text);
        return digest === undefined ? undefined : await reader.referrers(repository.name, digest);
      })) ?? [],
    forget: () => {},
    ready: () => volume.present(),
  };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
