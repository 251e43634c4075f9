import type { IncomingMessage } from 'node:http';
import type { RegistryPath } from '../path.ts';
import type { Reply } from '../serve/reply.ts';
import { deleteReply } from './deletions.ts';
import { putManifestReply } from './manifest.ts';
import type { Pushing } from './pushing.ts';
import { beginReply, uploadReply } from './uploads.ts';

/** The answer to a request that changes something; undefined where that cannot be changed in this way. */
export async function pushReply(
  pushing: Pushing,
  path: RegistryPath,
  request: IncomingMessage,
): Promise<Reply | undefined> {
  switch (path.kind) {
    case 'Uploads':
      return request.method === 'POST' ? await beginReply(pushing, path.repository, request) : undefined;
    case 'Upload':
      return await uploadReply(pushing, path, request);
    case 'ManifestByTag':
    case 'ManifestByDigest':
      if (request.method === 'PUT') return await putManifestReply(pushing, path, request);
      return request.method === 'DELETE' ? await deleteReply(pushing, path) : undefined;
    case 'Blob':
      return request.method === 'DELETE' ? await deleteReply(pushing, path) : undefined;
    case 'Base':
    case 'TagsList':
    case 'Referrers':
    case 'Catalog':
    case 'Refused':
      return undefined;
  }
}
