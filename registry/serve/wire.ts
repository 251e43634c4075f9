import type { Reply } from './reply.ts';

/** The head of an answer, as it goes out on a connection that stays. */
export interface Wire {
  /** Of the reply whose head it is, in the second that its date says. */
  isOf(reply: Reply, second: number): boolean;
  readonly head: Buffer;
  /** Head and body together, where they are small: one piece is sent sooner than two. */
  readonly whole: Buffer | undefined;
}

const wholeBytes = 16_384;
/** As Node's own writer has it: what could end a line, or is no character of HTTP's. */
const unfit = /[^\t\x20-\x7e]/;

/**
 * @param second since 1970.
 * @param keepAliveSeconds how long the connection may say nothing.
 * @returns undefined for what has no body in memory, or a header that cannot be sent.
 */
export function wireOf(reply: Reply, second: number, keepAliveSeconds: number): Wire | undefined {
  const { headers, body } = reply;
  if (body.kind !== 'Bytes') return undefined;
  const fields = Object.entries({
    ...headers,
    Date: new Date(second * 1000).toUTCString(),
    Connection: 'keep-alive',
    'Keep-Alive': `timeout=${keepAliveSeconds}`,
  }).map(([name, value]) => [name, String(value)] as const);
  if (fields.some(([, value]) => unfit.test(value))) return undefined;
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`, 'latin1');
  const isSmall = head.length + body.bytes.length <= wholeBytes;
  return {
    isOf: (other, now) => other === reply && now === second,
    head,
    whole: isSmall ? Buffer.concat([head, body.bytes]) : undefined,
  };
}
