import type { IncomingHttpHeaders } from 'node:http';
import { Problem } from '../problem.ts';

/**
 * Checks that a chunk goes on where the upload stands; one that does not say where it belongs does.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks
 * @param size bytes of the upload so far.
 * @throws {Problem} `RANGE_INVALID` (416)
 */
export function checkChunk(headers: IncomingHttpHeaders, size: number): void {
  const range = headers['content-range'];
  if (range === undefined) return;
  const match = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d+|\*))?$/.exec(range);
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  const length = headers['content-length'];
  if (match === null || last < first || (length !== undefined && Number(length) !== last - first + 1))
    throw new Problem('RANGE_INVALID', 'Content-Range must be <first>-<last>, and fit the Content-Length');
  if (first !== size)
    throw new Problem('RANGE_INVALID', `the upload has ${size} bytes, and this chunk begins at ${first}`);
}

/** The Range header that says how far an upload is; an empty one is told as `0-0`, as there is no other way. */
export function uploadRange(size: number): string {
  return `0-${Math.max(0, size - 1)}`;
}
