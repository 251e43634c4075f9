import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One request whose path goes out as it is given, on a connection of its own; the body is for the caller to read. */
export function begin(
  base: string,
  path: string,
  { method = 'GET', headers, body }: Asked = {},
): Promise<IncomingMessage> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method, headers: { ...headers }, agent: false }, resolve)
      .on('error', reject)
      .end(body);
  });
}

export async function ask(base: string, path: string, asked: Asked = {}): Promise<Answer> {
  const response = await begin(base, path, asked);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await buffer(response),
  };
}

/** Everything the server says to these bytes until it closes or cuts the connection. */
export async function askRaw(base: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  socket.end(Buffer.from(bytes, 'latin1'));
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}

/** The code of an error body in the distribution API's shape. */
export function problemCode(answer: Answer): unknown {
  const body: unknown = JSON.parse(answer.body.toString('utf8'));
  if (typeof body !== 'object' || body === null || !('errors' in body) || !Array.isArray(body.errors))
    return undefined;
  return body.errors[0]?.code;
}
