/** A request without a body, conditions or wishes. */
export interface RequestHead {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
}

/** Longer ones are left to HTTP's parser. */
export const headLimit = 4096;

/** Headers that change nothing about the answer. `connection` is one of them where it says what is so anyway. */
const harmless: ReadonlySet<string> = new Set([
  'host',
  'accept',
  'accept-encoding',
  'user-agent',
  'connection',
]);

const requestLine = /^(GET|HEAD) (\/[!-~]*) HTTP\/1\.1$/;
const field = /^([A-Za-z-]+): ?([!-~](?:[ -~]*[!-~])?)$/;

/**
 * Reads what is exactly one request of the plainest kind, from its first byte to its last: a strict part of RFC 9112,
 * within which no two readers can differ. Undefined for anything else - another header, a body, half a request, one and a
 * half - which is for HTTP's parser, from the first byte on.
 * @param text one character a byte.
 */
export function readRequestHead(text: string): RequestHead | undefined {
  if (text.length > headLimit || !text.endsWith('\r\n\r\n')) return undefined;
  const [first = '', ...lines] = text.slice(0, -4).split('\r\n');
  const [, method, url] = requestLine.exec(first) ?? [];
  if ((method !== 'GET' && method !== 'HEAD') || url === undefined) return undefined;
  const seen = new Set<string>();
  for (const line of lines) {
    const [, written = '', value = ''] = field.exec(line) ?? [];
    const name = written.toLowerCase();
    if (!harmless.has(name) || seen.has(name)) return undefined;
    if (name === 'connection' && value.toLowerCase() !== 'keep-alive') return undefined;
    seen.add(name);
  }
  return seen.has('host') ? { method, url } : undefined;
}
