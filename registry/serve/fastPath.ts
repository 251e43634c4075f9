import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpMetrics } from '../../runtime/metrics.ts';
import { parsePath } from '../path.ts';
import type { Served } from './answer.ts';
import { createByteCache } from './byteCache.ts';
import type { RecallablePath, Recalled } from './images.ts';

/** Answers a request at once, or says that it has to take the long way. */
export type FastPath = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Memory for paths that were understood: clients ask for the same ones again and again. */
const pathBytes = 4_194_304;

/**
 * Answers what is in memory - manifests, tags, small blobs - before the framework sees the request: half of the time that
 * such a request takes otherwise. The answers are the same; whatever needs a thought is left to the long way.
 */
export function createFastPath({ images, access }: Served, metrics: HttpMetrics): FastPath {
  const paths = createByteCache<RecallablePath>(pathBytes);
  const heads = new WeakMap<Buffer, string[]>();
  const counted = {
    ManifestByTag: metrics.counter('ManifestByTag'),
    ManifestByDigest: metrics.counter('ManifestByDigest'),
    Blob: metrics.counter('Blob'),
  };
  return ({ method, url = '', headers }, response) => {
    if (method !== 'GET' && method !== 'HEAD') return false;
    if (headers.range !== undefined || headers['if-none-match'] !== undefined) return false;
    if (headers['x-request-id'] !== undefined) return false;
    const known = paths.get(url);
    const path = known ?? recallable(url);
    if (path === undefined) return false;
    if (access.judge(headers.authorization, 'read', path.repository.namespace) !== 'Allowed') return false;
    const recalled = images.recall(path);
    if (recalled === undefined) return false;
    // Only what is there is remembered, so that nobody can fill the memory with what is not.
    if (known === undefined) paths.set(url, path, url.length * 2);
    const { bytes } = recalled;
    let head = heads.get(bytes);
    if (head === undefined) heads.set(bytes, (head = headOf(path, recalled)));
    response.writeHead(200, head);
    if (method === 'HEAD') response.end();
    else response.end(bytes);
    counted[path.kind](method === 'HEAD' ? 0 : bytes.length);
    return true;
  };
}

function recallable(url: string): RecallablePath | undefined {
  const path = parsePath(url);
  switch (path.kind) {
    case 'ManifestByTag':
    case 'ManifestByDigest':
    case 'Blob':
      return path;
    case 'Base':
    case 'TagsList':
    case 'Referrers':
    case 'Uploads':
    case 'Upload':
    case 'Catalog':
    case 'Refused':
      return undefined;
  }
}

/** Names and values in turn, which Node writes without looking at them again. */
function headOf({ kind }: RecallablePath, { digest, mediaType, bytes }: Recalled): string[] {
  const head = [
    ['content-type', mediaType],
    ['content-length', String(bytes.length)],
    ['docker-content-digest', digest],
    ['etag', `"${digest}"`],
    ['x-content-type-options', 'nosniff'],
  ];
  if (kind === 'Blob')
    head.push(['accept-ranges', 'bytes'], ['cache-control', 'public, max-age=31536000, immutable']);
  return head.flat();
}
