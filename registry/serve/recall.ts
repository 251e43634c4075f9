import type { HttpMetrics } from '../../runtime/metrics.ts';
import type { RegistryPath } from '../path.ts';
import { baseReply, type Served } from './answer.ts';
import { wholeBlob } from './blobs.ts';
import { wholeManifest } from './manifests.ts';
import { allReferrers } from './referrers.ts';
import type { Reply } from './reply.ts';
import { wholeTags } from './tags.ts';

/** What a GET or HEAD can ask for that is answered from memory; lists, where nobody cuts or filters them. */
export type RecallablePath = Extract<
  RegistryPath,
  { kind: 'Base' | 'ManifestByTag' | 'ManifestByDigest' | 'Blob' | 'TagsList' | 'Referrers' }
>;

/** The answers to requests without conditions. Their status is 200, their body is bytes. */
export interface Recall {
  /**
   * The answer, where it is in memory and fresh: the very same one again where nothing changed. Undefined where the
   * store is to be asked, and where whoever asks may not have it.
   */
  now(path: RecallablePath, authorization: string | undefined): Reply | undefined;
  /** The same after the store was asked. @throws {Problem} where the volume is away. */
  later(path: RecallablePath, authorization: string | undefined): Promise<Reply | undefined>;
}

/** Counts answers from memory, each with the bytes of its body. */
export function recallCounters(
  metrics: HttpMetrics,
): Readonly<Record<RecallablePath['kind'], (bytes: number) => void>> {
  return {
    Base: metrics.counter('Base'),
    ManifestByTag: metrics.counter('ManifestByTag'),
    ManifestByDigest: metrics.counter('ManifestByDigest'),
    Blob: metrics.counter('Blob'),
    TagsList: metrics.counter('TagsList'),
    Referrers: metrics.counter('Referrers'),
  };
}

/** The path of a URL, where it is one of those. */
export function recallable(path: RegistryPath): RecallablePath | undefined {
  switch (path.kind) {
    case 'Base':
    case 'ManifestByTag':
    case 'ManifestByDigest':
    case 'Blob':
      return path;
    case 'TagsList':
    case 'Referrers':
      return path.query.size === 0 ? path : undefined;
    case 'Uploads':
    case 'Upload':
    case 'Catalog':
    case 'Refused':
      return undefined;
  }
}

export function createRecall({ images, access }: Pick<Served, 'images' | 'access'>): Recall {
  const replies = new WeakMap<Buffer, Reply>();
  const once = (bytes: Buffer, write: () => Reply): Reply => {
    const reply = replies.get(bytes) ?? write();
    replies.set(bytes, reply);
    return reply;
  };
  const find = (path: RecallablePath): Reply | undefined => {
    switch (path.kind) {
      case 'Base':
        return baseReply;
      case 'ManifestByTag':
      case 'ManifestByDigest': {
        const manifest = images.recall(path);
        return manifest && once(manifest.bytes, () => wholeManifest(manifest));
      }
      case 'Blob': {
        const blob = images.recall(path);
        return blob && once(blob.bytes, () => wholeBlob(blob.digest, blob.bytes));
      }
      case 'TagsList': {
        const tags = images.recallTags(path.repository);
        return tags && wholeTags(path.repository.text, tags);
      }
      case 'Referrers': {
        const referrers = images.recallReferrers(path.repository, path.digest);
        return referrers && allReferrers(path, referrers);
      }
    }
  };
  const load = async (path: RecallablePath): Promise<Reply | undefined> => {
    switch (path.kind) {
      case 'Base':
        return baseReply;
      case 'ManifestByTag':
      case 'ManifestByDigest': {
        const { repository } = path;
        const digest =
          path.kind === 'ManifestByDigest' ? path.digest : await images.resolve(repository, path.tag);
        const manifest = digest === undefined ? undefined : await images.manifest(repository, digest);
        return manifest && once(manifest.bytes, () => wholeManifest(manifest));
      }
      case 'Blob': {
        const source = (await images.blob(path.repository, path.digest))?.source;
        if (source?.kind === 'File') await source.file.close();
        return source?.kind === 'Memory'
          ? once(source.bytes, () => wholeBlob(path.digest, source.bytes))
          : undefined;
      }
      case 'TagsList': {
        const tags = await images.tags(path.repository);
        return tags && wholeTags(path.repository.text, tags);
      }
      case 'Referrers':
        return allReferrers(path, await images.referrers(path.repository, path.digest));
    }
  };
  const isAllowed = (path: RecallablePath, authorization: string | undefined): boolean => {
    const namespace = 'repository' in path ? path.repository.namespace : undefined;
    return access.judge(authorization, 'read', namespace) === 'Allowed';
  };
  return {
    now: (path, authorization) => (isAllowed(path, authorization) ? find(path) : undefined),
    async later(path, authorization) {
      if (!isAllowed(path, authorization)) return undefined;
      const reply = await load(path);
      return isAllowed(path, authorization) ? reply : undefined;
    },
  };
}
