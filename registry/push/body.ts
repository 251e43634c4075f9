import type { IncomingMessage } from 'node:http';
import { Problem } from '../problem.ts';

/** The whole body of a request. @throws {Problem} `SIZE_INVALID` (413) where it has more than `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(request)) {
    size += chunk.length;
    if (size > limit) throw new Problem('SIZE_INVALID', `the body has more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The pieces of a request's body. @throws {Problem} `BLOB_UPLOAD_INVALID` where the client goes away before its end. */
export async function* bodyOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    // A request without an encoding gives buffers.
    for await (const chunk of request as AsyncIterable<Buffer>) yield chunk;
  } catch (cause) {
    throw new Problem('BLOB_UPLOAD_INVALID', 'the connection ended before the body did', {}, { cause });
  }
}
