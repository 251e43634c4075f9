import type { IncomingMessage } from 'node:http';
import { type Digest, parseDigest } from '../../oci/digest.ts';
import { parseQuery, type RegistryPath, type Repository } from '../path.ts';
import { Problem } from '../problem.ts';
import { emptyReply, type Reply } from '../serve/reply.ts';
import { bodyOf } from './body.ts';
import { checkChunk, uploadRange } from './chunk.ts';
import type { Pushing } from './pushing.ts';

type UploadPath = Extract<RegistryPath, { kind: 'Upload' }>;

/**
 * POST: begins an upload, takes a whole blob at once, or mounts one.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 * A blob is mounted from the same namespace only; from another one it has to be pushed.
 */
export async function beginReply(
  pushing: Pushing,
  repository: Repository,
  request: IncomingMessage,
): Promise<Reply> {
  const query = parseQuery(request.url ?? '');
  const [mount, digest] = [query.get('mount'), query.get('digest')];
  return await pushing.into(repository, async (tree) => {
    const { uploads } = tree;
    if (mount !== null) {
      const wanted = digestOrProblem(mount);
      const near = isOfNamespace(query.get('from'), repository.namespace);
      if (near && (await tree.hasBlob(wanted))) return created(repository, wanted);
    }
    const whole = digest === null ? undefined : digestOrProblem(digest);
    const id = await uploads.begin();
    if (whole === undefined) return progress(202, repository, id, 0);
    await uploads.append(id, bodyOf(request));
    await uploads.commit(id, whole);
    return created(repository, whole);
  });
}

/** GET, PATCH, PUT and DELETE of an upload under way. */
export async function uploadReply(
  pushing: Pushing,
  path: UploadPath,
  request: IncomingMessage,
): Promise<Reply> {
  const { repository, id } = path;
  return await pushing.into(repository, async ({ uploads }) => {
    const size = await uploads.size(id);
    if (size === undefined) throw unknownUpload();
    switch (request.method) {
      case 'GET':
        return progress(204, repository, id, size);
      case 'PATCH': {
        checkChunk(request.headers, size);
        const now = await uploads.append(id, bodyOf(request));
        if (now === undefined) throw unknownUpload();
        return progress(202, repository, id, now);
      }
      case 'PUT': {
        const digest = digestOrProblem(parseQuery(request.url ?? '').get('digest') ?? '');
        checkChunk(request.headers, size);
        await uploads.append(id, bodyOf(request));
        await uploads.commit(id, digest);
        return created(repository, digest);
      }
      case 'DELETE':
        await uploads.cancel(id);
        return emptyReply(204);
      default:
        throw new Problem('UNSUPPORTED', 'an upload takes GET, PATCH, PUT and DELETE');
    }
  });
}

function progress(status: 202 | 204, { text }: Repository, id: string, size: number): Reply {
  return emptyReply(status, {
    location: `/v2/${text}/blobs/uploads/${id}`,
    range: uploadRange(size),
    'docker-upload-uuid': id,
    ...(status === 204 ? {} : { 'content-length': 0 }),
  });
}

function created({ text }: Repository, digest: Digest): Reply {
  return emptyReply(201, {
    location: `/v2/${text}/blobs/${digest}`,
    'docker-content-digest': digest,
    'content-length': 0,
  });
}

/** Whether the name of another image, where one is given, lies in the namespace. */
function isOfNamespace(from: string | null, namespace: string): boolean {
  if (from === null) return true;
  return from.includes('/') ? from.startsWith(`${namespace}/`) : namespace === 'default';
}

function digestOrProblem(text: string): Digest {
  const digest = parseDigest(text);
  if (digest !== undefined) return digest;
  throw new Problem(
    'DIGEST_INVALID',
    'a digest is sha256: and 64, or sha512: and 128 lower-case hexadecimal digits',
  );
}

function unknownUpload(): Problem {
  return new Problem('BLOB_UPLOAD_UNKNOWN', 'there is no such upload; it may have ended');
}
