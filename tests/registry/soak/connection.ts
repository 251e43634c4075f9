import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One kept connection, one request at a time. Bodies are counted and thrown away, so that the client costs little. */
export class Connection {
  readonly #socket: Socket;
  #answered: PromiseWithResolvers<number> | undefined;
  #head = '';
  /** Bytes of the body that are still to come; undefined until the head was read. */
  #left: number | undefined;
  #length = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (error) => this.#answered?.reject(error));
    socket.on('close', () => this.#answered?.reject(new Error('the server closed the connection')));
  }

  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const read = { take: (_bytes: Buffer): void => {} };
    const buffer = Buffer.alloc(1_048_576);
    const callback = (count: number): boolean => {
      read.take(buffer.subarray(0, count));
      return true;
    };
    const socket = connect({
      host: hostname,
      port: Number(port),
      onread: { buffer, callback },
      noDelay: true,
    });
    await once(socket, 'connect');
    const connection = new Connection(socket);
    read.take = (bytes) => connection.#read(bytes);
    return connection;
  }

  /**
   * Sends a request for `path`.
   * @param headers lines that each end with CRLF.
   * @returns bytes of the body; rejects where the answer is no success.
   */
  async get(path: string, headers: string): Promise<number> {
    const answered = Promise.withResolvers<number>();
    this.#answered = answered;
    this.#head = '';
    this.#left = undefined;
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: soak\r\n${headers}\r\n`);
    return await answered.promise;
  }

  close(): void {
    this.#answered = undefined;
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    let count = bytes.length;
    if (this.#left === undefined) {
      const before = this.#head.length;
      this.#head += bytes.toString('latin1');
      const end = this.#head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /\r\ncontent-length: (\d+)/i.exec(this.#head.slice(0, end))?.[1];
      if (length === undefined || !/^HTTP\/1\.1 20[06] /.test(this.#head)) {
        this.#answered?.reject(new Error(`the server answered: ${this.#head.slice(0, 200)}`));
        return;
      }
      this.#length = Number(length);
      this.#left = this.#length;
      count -= end + 4 - before;
    }
    this.#left -= count;
    if (this.#left === 0) this.#answered?.resolve(this.#length);
  }
}
