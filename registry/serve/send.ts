import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BufferPool } from './bufferPool.ts';
import type { Source } from './images.ts';
import { pump } from './pump.ts';
import type { ByteRange } from './range.ts';
import type { Reply } from './reply.ts';

/**
 * Sends a reply and closes its file. A client that leaves is no error.
 * @throws where the file cannot be read to its end; the connection is to be cut then, for the headers are out.
 */
export async function send(
  { status, headers, body }: Reply,
  { method }: IncomingMessage,
  response: ServerResponse,
  pool: BufferPool,
): Promise<void> {
  response.writeHead(status, headers);
  if (body.kind === 'Bytes') {
    // Node itself leaves the body out of an answer to HEAD.
    response.end(body.bytes);
    return;
  }
  try {
    const pieces = method === 'HEAD' ? [] : body.pieces;
    for (const piece of pieces) {
      if (response.destroyed) return;
      if (piece.kind === 'Text') response.write(piece.text);
      else await sendRange(body.source, piece.range, response, pool);
    }
  } finally {
    if (body.source.kind === 'File') await body.source.file.close();
  }
  response.end();
}

async function sendRange(
  source: Source,
  range: ByteRange,
  response: ServerResponse,
  pool: BufferPool,
): Promise<void> {
  switch (source.kind) {
    case 'Memory':
      response.write(source.bytes.subarray(range.first, range.last + 1));
      return;
    case 'File':
      return pump(source.file, range, response, pool);
  }
}
