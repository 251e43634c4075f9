import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpMetrics } from '../../runtime/metrics.ts';
import { parsePath } from '../path.ts';
import { createByteCache } from './byteCache.ts';
import { type Recall, type RecallablePath, recallable, recallCounters } from './recall.ts';

/** Answers a request at once, or says that it has to take the long way. */
export type FastPath = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Memory for paths that were understood: clients ask for the same ones again and again. */
const pathBytes = 4_194_304;

/**
 * Answers what is in memory before the framework sees the request: half of the time that such a request takes
 * otherwise. The answers are the same; whatever needs a thought is left to the long way.
 */
export function createFastPath(recall: Recall, metrics: HttpMetrics): FastPath {
  const counted = recallCounters(metrics);
  const paths = createByteCache<RecallablePath>(pathBytes);
  return ({ method, url = '', headers }, response) => {
    if (method !== 'GET' && method !== 'HEAD') return false;
    if (headers.range !== undefined || headers['if-none-match'] !== undefined) return false;
    if (headers['x-request-id'] !== undefined) return false;
    const known = paths.get(url);
    const path = known ?? recallable(parsePath(url));
    if (path === undefined) return false;
    const reply = recall.now(path, headers.authorization);
    if (reply === undefined || reply.body.kind !== 'Bytes') return false;
    // Only what is there is remembered, so that nobody can fill the memory with what is not.
    if (known === undefined) paths.set(url, path, url.length * 2);
    const { bytes } = reply.body;
    response.writeHead(200, reply.headers);
    if (method === 'HEAD') response.end();
    else response.end(bytes);
    counted[path.kind](method === 'HEAD' ? 0 : bytes.length);
    return true;
  };
}
