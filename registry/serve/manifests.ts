import type { RegistryPath, Repository } from '../path.ts';
import { Problem } from '../problem.ts';
import type { Images, StoredManifest } from './images.ts';
import { emptyReply, type Reply } from './reply.ts';

type ManifestPath = Extract<RegistryPath, { kind: 'ManifestByTag' | 'ManifestByDigest' }>;

/**
 * GET and HEAD of a manifest: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 * The stored bytes under their own media type; the Accept header is not negotiated with, for each client sends another.
 */
export async function manifestReply(
  images: Images,
  path: ManifestPath,
  ifNoneMatch: string | undefined,
): Promise<Reply> {
  const { repository } = path;
  const digest = path.kind === 'ManifestByTag' ? await images.resolve(repository, path.tag) : path.digest;
  const manifest = digest === undefined ? undefined : await images.manifest(repository, digest);
  if (manifest === undefined) throw await unknownManifest(images, repository, path);
  const headers = {
    'docker-content-digest': manifest.digest,
    etag: `"${manifest.digest}"`,
    'x-content-type-options': 'nosniff',
  };
  if (matches(ifNoneMatch, manifest)) return emptyReply(304, headers);
  return {
    status: 200,
    headers: { 'content-type': manifest.mediaType, 'content-length': manifest.bytes.length, ...headers },
    body: { kind: 'Bytes', bytes: manifest.bytes },
  };
}

async function unknownManifest(images: Images, repository: Repository, path: ManifestPath): Promise<Problem> {
  if (!(await images.exists(repository)))
    return new Problem('NAME_UNKNOWN', `there is no image ${repository.text} here`, {
      name: repository.text,
    });
  const reference = path.kind === 'ManifestByTag' ? path.tag : path.digest;
  return new Problem('MANIFEST_UNKNOWN', `the image ${repository.text} has no ${reference}`, {
    name: repository.text,
    reference,
  });
}

/** Whether an If-None-Match header names what would be sent (RFC 9110, section 13.1.2). */
export function matches(
  ifNoneMatch: string | undefined,
  { digest }: Pick<StoredManifest, 'digest'>,
): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(`"${digest}"`);
}
