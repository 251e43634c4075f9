import type { IncomingMessage } from 'node:http';
import type { Access } from '../access/access.ts';
import type { RegistryPath } from '../path.ts';
import { Problem } from '../problem.ts';
import { pushReply } from '../push/answer.ts';
import type { Pushing } from '../push/pushing.ts';
import { blobReply } from './blobs.ts';
import type { Images } from './images.ts';
import { manifestReply } from './manifests.ts';
import { referrersReply } from './referrers.ts';
import { jsonReply, problemReply, type Reply } from './reply.ts';
import { tagsReply } from './tags.ts';
import type { Waiting } from './waiting.ts';

/** A build takes a while: clients that heed it come back then. */
const retrySeconds = 5;

/** That the registry works, and speaks version 2. */
export const baseReply = jsonReply({}, { headers: { 'docker-distribution-api-version': 'registry/2.0' } });

/** What is served, and to whom. */
export interface Served {
  readonly images: Images;
  readonly access: Access;
  /** Undefined where nothing can be pushed. */
  readonly pushing: Pushing | undefined;
  readonly waiting: Waiting;
  /** Where nginx in front has the volume: it sends files itself then. */
  readonly accelerator?: string | undefined;
}

/** The answer to a request, problems of the client and of the volume included. Other errors are thrown. */
export async function answer(served: Served, path: RegistryPath, request: IncomingMessage): Promise<Reply> {
  try {
    return await reply(served, path, request);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return problemReply(error, headersFor(error));
  }
}

async function reply(served: Served, path: RegistryPath, request: IncomingMessage): Promise<Reply> {
  const { images, access, pushing } = served;
  const { method, headers } = request;
  const reads = (method === 'GET' || method === 'HEAD') && path.kind !== 'Uploads' && path.kind !== 'Upload';
  checkAccess(access, path, request, reads);
  if (path.kind === 'Refused') throw path.problem;
  if (!reads) {
    const pushed = pushing === undefined ? undefined : await pushReply(pushing, path, request);
    if (pushed === undefined) throw unsupported(pushing);
    if ('repository' in path)
      images.forget(path.repository, method === 'DELETE' && 'digest' in path ? path.digest : undefined);
    return pushed;
  }
  switch (path.kind) {
    case 'Base':
      return baseReply;
    case 'ManifestByTag':
    case 'ManifestByDigest':
      return manifestReply(images, served.waiting, path, headers['if-none-match']);
    case 'Blob':
      return blobReply(images, path, { headers, method }, served.accelerator);
    case 'TagsList':
      return tagsReply(images, path);
    case 'Referrers':
      return referrersReply(images, path);
    case 'Catalog':
      // Optional in the spec; it would show every tenant's images to everybody.
      throw new Problem(
        'NAME_UNKNOWN',
        'the list of all images is not given; kubectl get niximages -A shows it',
      );
  }
}

/** Before the path is judged, so that a stranger learns nothing. */
function checkAccess(access: Access, path: RegistryPath, { headers }: IncomingMessage, reads: boolean): void {
  if (!reads && !access.writable) return;
  const namespace = 'repository' in path ? path.repository.namespace : undefined;
  switch (access.judge(headers.authorization, reads ? 'read' : 'write', namespace)) {
    case 'Allowed':
      return;
    case 'Unknown':
      throw new Problem('UNAUTHORIZED', 'this needs a token; log in with it as the password, under any name');
    case 'Refused':
      throw new Problem('DENIED', 'the token that was shown is not for this');
  }
}

function unsupported(pushing: Pushing | undefined): Problem {
  return new Problem(
    'UNSUPPORTED',
    pushing === undefined
      ? 'images are built here from NixImages and cannot be pushed or deleted'
      : 'this address does not take that method',
  );
}

function headersFor({ code }: Problem): Readonly<Record<string, string>> {
  if (code === 'UNSUPPORTED') return { allow: 'GET, HEAD' };
  if (code === 'TOOMANYREQUESTS') return { 'retry-after': String(retrySeconds) };
  return code === 'UNAUTHORIZED' ? { 'www-authenticate': 'Basic realm="niximage"' } : {};
}
