import type { IncomingHttpHeaders } from 'node:http';
import type { RegistryPath } from '../path.ts';
import { Problem } from '../problem.ts';
import type { Images, OpenedBlob } from './images.ts';
import { matches } from './manifests.ts';
import { layOut } from './multipart.ts';
import { type ByteRange, contentRange, lengthOf, selectRange } from './range.ts';
import { emptyReply, type Piece, problemReply, type Reply } from './reply.ts';

type BlobPath = Extract<RegistryPath, { kind: 'Blob' }>;

/** What a blob is, is for the client to know from the manifest: told otherwise, a browser might run it. */
const type = 'application/octet-stream';

/**
 * GET and HEAD of a blob, with ranges: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs
 * A blob is served under every image name of the namespace that holds it, whether or not that image's manifest names
 * it: images of a namespace share their layers, and a tenant is a namespace.
 * @param accelerator where nginx in front has the volume; it sends files then.
 */
export async function blobReply(
  images: Images,
  { repository, digest }: BlobPath,
  { headers, method }: { readonly headers: IncomingHttpHeaders; readonly method: string | undefined },
  accelerator?: string,
): Promise<Reply> {
  const blob = await images.blob(repository, digest);
  if (blob === undefined) {
    const message = `the image ${repository.text} has no blob ${digest}`;
    throw new Problem('BLOB_UNKNOWN', message, { name: repository.text, digest });
  }
  const reply = opened(blob, digest, headers, method, accelerator);
  if (reply.body.kind === 'Bytes' && blob.source.kind === 'File') await blob.source.file.close();
  return reply;
}

function opened(
  { source, size }: OpenedBlob,
  digest: string,
  request: IncomingHttpHeaders,
  method: string | undefined,
  accelerator: string | undefined,
): Reply {
  const headers = headersOf(digest);
  if (matches(request['if-none-match'], { digest })) return emptyReply(304, headers);
  // nginx reads the Range header too.
  if (accelerator !== undefined && method === 'GET' && source.kind === 'File')
    return emptyReply(200, {
      'content-type': type,
      'content-length': 0,
      'x-accel-redirect': `${accelerator}${source.place}`,
      ...headers,
    });
  const send = (
    status: number,
    contentType: string,
    length: number,
    extra: object,
    pieces: Piece[],
  ): Reply => ({
    status,
    headers: { 'content-type': contentType, 'content-length': length, ...extra, ...headers },
    body: { kind: 'Pieces', source, pieces },
  });
  // RFC 9110, sections 13.1.5 and 14.2: a range is for GET, and only of the very content that If-Range names.
  const wanted = method === 'GET' && (request['if-range'] ?? headers.etag) === headers.etag;
  const selection = selectRange(wanted ? request.range : undefined, size);
  switch (selection.kind) {
    case 'Whole':
      return send(200, type, size, {}, size === 0 ? [] : [piece({ first: 0, last: size - 1 })]);
    case 'Part': {
      const { range } = selection;
      return send(206, type, lengthOf(range), { 'content-range': contentRange(range, size) }, [piece(range)]);
    }
    case 'Parts': {
      const { contentType, length, parts, end } = layOut(selection.ranges, size, type);
      const pieces = parts.flatMap(({ head, range }) => [text(head), piece(range)]);
      return send(206, contentType, length, {}, [...pieces, text(end)]);
    }
    case 'Unsatisfiable': {
      const problem = new Problem('RANGE_INVALID', `the blob has ${size} bytes; the range lies beyond them`);
      return problemReply(problem, { 'content-range': `bytes */${size}`, 'accept-ranges': 'bytes' });
    }
  }
}

/** A blob that is in memory, for a request without conditions. */
export function wholeBlob(digest: string, bytes: Buffer): Reply {
  return {
    status: 200,
    headers: { 'content-type': type, 'content-length': bytes.length, ...headersOf(digest) },
    body: { kind: 'Bytes', bytes },
  };
}

function headersOf(digest: string) {
  return {
    'docker-content-digest': digest,
    etag: `"${digest}"`,
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'cache-control': 'public, max-age=31536000, immutable',
  };
}

function piece(range: ByteRange): Piece {
  return { kind: 'Range', range };
}

function text(content: string): Piece {
  return { kind: 'Text', text: content };
}
