import type { BuildNews } from '../../runtime/contract/keeper.ts';
import type { RegistryPath, Repository } from '../path.ts';
import { Problem } from '../problem.ts';
import type { Images, StoredManifest } from './images.ts';
import { emptyReply, type Reply } from './reply.ts';
import type { Waiting } from './waiting.ts';

type ManifestPath = Extract<RegistryPath, { kind: 'ManifestByTag' | 'ManifestByDigest' }>;

/**
 * GET and HEAD of a manifest: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 * The stored bytes under their own media type; the Accept header is not negotiated with, for each client sends another.
 * A tag whose image is being built is waited for, where the operator allows it.
 */
export async function manifestReply(
  images: Images,
  waiting: Waiting,
  path: ManifestPath,
  ifNoneMatch: string | undefined,
): Promise<Reply> {
  const { repository } = path;
  const digest =
    path.kind === 'ManifestByDigest' ? path.digest : await digestOfTag(images, waiting, repository, path.tag);
  const manifest = await images.manifest(repository, digest);
  if (manifest === undefined) throw await unknownManifest(images, repository, digest);
  return matches(ifNoneMatch, manifest)
    ? emptyReply(304, headersOf(manifest.digest))
    : wholeManifest(manifest);
}

export function wholeManifest({ digest, mediaType, bytes }: StoredManifest): Reply {
  return {
    status: 200,
    headers: { 'content-type': mediaType, 'content-length': bytes.length, ...headersOf(digest) },
    body: { kind: 'Bytes', bytes },
  };
}

function headersOf(digest: string): Readonly<Record<string, string>> {
  return { 'docker-content-digest': digest, etag: `"${digest}"`, 'x-content-type-options': 'nosniff' };
}

/** @throws {Problem} where the tag names nothing, with what is known of its build. */
async function digestOfTag(
  images: Images,
  waiting: Waiting,
  repository: Repository,
  tag: string,
): Promise<string> {
  const newsOfTag = async (): Promise<BuildNews | undefined> => {
    const news = await images.news(repository);
    return news?.tag === tag ? news : undefined;
  };
  const found = await images.resolve(repository, tag);
  if (found !== undefined) return found;
  const news = await newsOfTag();
  if (news === undefined) throw await unknownManifest(images, repository, tag);
  if (news.state === 'Failed') throw notServed(repository, news);
  const outcome = await waiting.until(`${repository.namespace}/${repository.name}:${tag}`, async () => {
    const digest = await images.resolve(repository, tag);
    if (digest !== undefined) return { digest };
    const now = await newsOfTag();
    return now?.state === 'Failed' ? { failed: now } : undefined;
  });
  if (outcome === undefined)
    throw waiting.patient ? stillBuilding(repository, news) : notServed(repository, news);
  if ('digest' in outcome) return outcome.digest;
  throw notServed(repository, outcome.failed);
}

function notServed({ text }: Repository, { tag, state, message }: BuildNews): Problem {
  const image = `${text}:${tag}`;
  switch (state) {
    case 'Queued':
      return new Problem('MANIFEST_UNKNOWN', `${image} waits for its build to begin; try again later`);
    case 'Building':
      return new Problem('MANIFEST_UNKNOWN', `${image} is being built; try again later`);
    case 'Failed':
      return new Problem(
        'MANIFEST_UNKNOWN',
        `${image} could not be built: ${message ?? 'no reason is known'}`,
      );
  }
}

function stillBuilding({ text }: Repository, { tag }: BuildNews): Problem {
  return new Problem('TOOMANYREQUESTS', `${text}:${tag} is still being built; try again in a moment`);
}

async function unknownManifest(images: Images, repository: Repository, reference: string): Promise<Problem> {
  if (!(await images.exists(repository)))
    return new Problem('NAME_UNKNOWN', `there is no image ${repository.text} here`, {
      name: repository.text,
    });
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
