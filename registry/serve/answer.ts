import type { IncomingMessage } from 'node:http';
import type { RegistryPath } from '../path.ts';
import { Problem } from '../problem.ts';
import { blobReply } from './blobs.ts';
import type { Images } from './images.ts';
import { manifestReply } from './manifests.ts';
import { referrersReply } from './referrers.ts';
import { jsonReply, problemReply, type Reply } from './reply.ts';
import { tagsReply } from './tags.ts';

/** The answer to a request, problems of the client and of the volume included. Other errors are thrown. */
export async function answer(images: Images, path: RegistryPath, request: IncomingMessage): Promise<Reply> {
  try {
    return await reply(images, path, request);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return problemReply(error, error.code === 'UNSUPPORTED' ? { allow: 'GET, HEAD' } : {});
  }
}

async function reply(images: Images, path: RegistryPath, request: IncomingMessage): Promise<Reply> {
  const { method, headers } = request;
  if (path.kind === 'Refused') throw path.problem;
  if ((method !== 'GET' && method !== 'HEAD') || path.kind === 'Uploads')
    throw new Problem('UNSUPPORTED', 'images are built here from NixImages and cannot be pushed or deleted');
  switch (path.kind) {
    case 'Base':
      return jsonReply({}, { headers: { 'docker-distribution-api-version': 'registry/2.0' } });
    case 'ManifestByTag':
    case 'ManifestByDigest':
      return manifestReply(images, path, headers['if-none-match']);
    case 'Blob':
      return blobReply(images, path, { headers, method });
    case 'TagsList':
      return tagsReply(images, path);
    case 'Referrers':
      return referrersReply();
    case 'Catalog':
      // Optional in the spec; it would show every tenant's images to everybody.
      throw new Problem(
        'NAME_UNKNOWN',
        'the list of all images is not given; kubectl get niximages -A shows it',
      );
  }
}
