import type { OutgoingHttpHeaders } from 'node:http';
import type { Problem } from '../problem.ts';
import type { Source } from './images.ts';
import type { ByteRange } from './range.ts';

/** An answer, before it is sent. `headers` hold the Content-Length also where the body is not sent (HEAD). */
export interface Reply {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Body;
}

export type Body =
  | { readonly kind: 'Bytes'; readonly bytes: Uint8Array }
  /** The texts and the source's ranges, in turn; a file is closed by whoever sends it. */
  | { readonly kind: 'Pieces'; readonly source: Source; readonly pieces: readonly Piece[] };

export type Piece =
  | { readonly kind: 'Text'; readonly text: string }
  | { readonly kind: 'Range'; readonly range: ByteRange };

const nothing = new Uint8Array(0);

export function emptyReply(status: number, headers: OutgoingHttpHeaders = {}): Reply {
  return { status, headers, body: { kind: 'Bytes', bytes: nothing } };
}

export function jsonReply(
  value: unknown,
  { status = 200, type = 'application/json', headers = {} }: JsonReplyOptions = {},
): Reply {
  const bytes = Buffer.from(JSON.stringify(value));
  return {
    status,
    headers: {
      'content-type': type,
      'content-length': bytes.length,
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: { kind: 'Bytes', bytes },
  };
}

interface JsonReplyOptions {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: OutgoingHttpHeaders;
}

/** The spec's error body: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
export function problemReply(problem: Problem, headers: OutgoingHttpHeaders = {}): Reply {
  const { code, message, detail, status } = problem;
  return jsonReply({ errors: [{ code, message, detail }] }, { status, headers });
}
