import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface Load {
  /** Requests that were answered. */
  readonly count: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** The bytes of a POST, so that sending one costs next to nothing while something else is measured. */
export function postBytes(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Buffer {
  const content = Buffer.from(body);
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${content.length}`,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content]);
}

/**
 * Sends requests for a time, a fixed number of them under way, as Metacontroller's workers do: each waits for its answer
 * before it sends the next.
 * @param next the bytes of the next request.
 * @param pace how many requests are due in a second; each is timed from when it was due. Without it, as many as go.
 */
export async function load(
  url: string,
  next: () => Buffer,
  { workers, seconds, pace }: { readonly workers: number; readonly seconds: number; readonly pace?: number },
): Promise<Load> {
  const connections = await Promise.all(Array.from({ length: workers }, () => Connection.open(url)));
  const durations: number[] = [];
  const begin = performance.now();
  let turn = 0;
  const end = begin + seconds * 1000;
  const work = async (connection: Connection): Promise<void> => {
    while (performance.now() < end) {
      const due = pace === undefined ? performance.now() : begin + (1000 * turn) / pace;
      turn += 1;
      if (due > performance.now()) await delay(due - performance.now());
      await connection.ask(next());
      durations.push(performance.now() - due);
    }
  };
  await Promise.all(connections.map(work));
  const took = (performance.now() - begin) / 1000;
  for (const connection of connections) connection.close();
  durations.sort((one, other) => one - other);
  const at = (part: number): number => durations[Math.floor(part * (durations.length - 1))] ?? Number.NaN;
  return { count: durations.length, perSecond: durations.length / took, p50: at(0.5), p99: at(0.99) };
}

/** One kept connection, one request at a time; it understands no more of HTTP than a hook's answer needs. */
class Connection {
  readonly #socket: Socket;
  #answered: PromiseWithResolvers<void> | undefined;
  /** Bytes of the answer that are still to come; undefined until its head was read. */
  #left: number | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => this.#answered?.reject(error));
    socket.on('close', () => this.#answered?.reject(new Error('the hook closed the connection')));
  }

  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new Connection(socket);
  }

  async ask(request: Buffer): Promise<void> {
    this.#answered = Promise.withResolvers();
    this.#left = undefined;
    this.#socket.write(request);
    await this.#answered.promise;
  }

  close(): void {
    this.#answered = undefined;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    let size = chunk.length;
    if (this.#left === undefined) {
      const end = chunk.indexOf('\r\n\r\n');
      const head = chunk.toString('latin1', 0, end);
      const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
      if (end < 0 || length === undefined || !head.startsWith('HTTP/1.1 200 ')) {
        this.#answered?.reject(new Error(`the hook answered: ${chunk.toString()}`));
        return;
      }
      this.#left = Number(length);
      size -= end + 4;
    }
    this.#left -= size;
    if (this.#left === 0) this.#answered?.resolve();
  }
}
