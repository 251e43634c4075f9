import type { IncomingMessage } from 'node:http';
import { algorithmOf, type Digest, digestOf, parseDigest } from '../../oci/digest.ts';
import { manifestLimit, type ParsedManifest, parseManifest } from '../../oci/manifest.ts';
import { isTag } from '../../oci/names.ts';
import { referenceOf } from '../../oci/referrer.ts';
import type { PushTree } from '../../oci/store/push/pushTree.ts';
import { parseQuery, type RegistryPath, type Repository } from '../path.ts';
import { Problem } from '../problem.ts';
import { emptyReply, type Reply } from '../serve/reply.ts';
import { readBody } from './body.ts';
import type { Pushing } from './pushing.ts';

type ManifestPath = Extract<RegistryPath, { kind: 'ManifestByTag' | 'ManifestByDigest' }>;

/** More tags than the spec wants to be possible at once. */
const tagsLimit = 100;
/** Layers of these types stay where their `urls` say: https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#non-distributable-layers */
const elsewhere =
  /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/;

/**
 * PUT of a manifest: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
 * Its bytes are kept as they came. All that it names must be there; its subject need not.
 */
export async function putManifestReply(
  pushing: Pushing,
  path: ManifestPath,
  request: IncomingMessage,
): Promise<Reply> {
  const { repository } = path;
  const bytes = await readBody(request, manifestLimit);
  const digest = digestFor(path, bytes);
  const manifest = parseManifest(bytes);
  if (manifest === undefined)
    throw new Problem('MANIFEST_INVALID', 'that is no image manifest and no image index');
  checkType(request.headers['content-type'], manifest);
  const tags = tagsFor(path, request.url ?? '');
  const reference = referenceOf(bytes, digest, manifest);
  await pushing.into(repository, async (tree) => {
    await checkContents(tree, repository, manifest);
    await tree.putManifest(repository.name, digest, bytes, reference);
    const size = manifest.blobs.reduce((sum, blob) => sum + blob.size, 0);
    const pushed = { digest, mediaType: manifest.mediaType, manifestSize: bytes.length, size };
    for (const tag of tags)
      if (!(await tree.putTag(repository.name, tag, pushed)))
        throw new Problem(
          'DENIED',
          `the tag ${tag} of ${repository.text} is a NixImage's; push under another tag`,
        );
  });
  return emptyReply(201, {
    location: `/v2/${repository.text}/manifests/${digest}`,
    'docker-content-digest': digest,
    'content-length': 0,
    ...(reference === undefined ? {} : { 'oci-subject': reference.subject }),
    ...(path.kind === 'ManifestByDigest' && tags.length > 0 ? { 'oci-tag': tags.join(', ') } : {}),
  });
}

function digestFor(path: ManifestPath, bytes: Uint8Array): Digest {
  if (path.kind === 'ManifestByTag') return digestOf(bytes);
  const digest = parseDigest(path.digest);
  if (digest === undefined || digestOf(bytes, algorithmOf(digest)) !== digest)
    throw new Problem('DIGEST_INVALID', 'the bytes that came are not those of the digest in the path');
  return digest;
}

function tagsFor(path: ManifestPath, url: string): readonly string[] {
  if (path.kind === 'ManifestByTag') return [path.tag];
  const tags = [...new Set(parseQuery(url).getAll('tag'))];
  if (tags.length > tagsLimit || !tags.every(isTag))
    throw new Problem(
      'MANIFEST_INVALID',
      `up to ${tagsLimit} tags can be given, each of 1 to 128 letters, digits, dots, dashes and underscores`,
    );
  return tags;
}

function checkType(header: string | undefined, { mediaType }: ParsedManifest): void {
  const type = header?.split(';', 1)[0]?.trim();
  // What one client takes for an image and another for an index: CVE-2021-41190.
  if (type !== undefined && type !== mediaType)
    throw new Problem('MANIFEST_INVALID', `the Content-Type is ${type}, and the manifest says ${mediaType}`);
}

async function checkContents(tree: PushTree, { name }: Repository, manifest: ParsedManifest): Promise<void> {
  for (const { digest, mediaType } of manifest.blobs)
    if (!elsewhere.test(mediaType) && !(await tree.hasBlob(digest)))
      throw new Problem('MANIFEST_BLOB_UNKNOWN', `the blob ${digest} is not here; push it first`, { digest });
  for (const { digest } of manifest.manifests)
    if ((await tree.reader.readManifest(name, digest)) === undefined)
      throw new Problem('MANIFEST_BLOB_UNKNOWN', `the manifest ${digest} is not here; push it first`, {
        digest,
      });
}
