import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** How many of each there are at a time. */
export interface BadCounts {
  /** Connections that say nothing after a first request. */
  readonly idle: number;
  /** Ones whose request never comes to its end, though it grows by a header a second. */
  readonly unfinished: number;
  /** Ones that take a large answer at a byte a second. */
  readonly slow: number;
}

/** Clients that hold what a server has, and ask for next to nothing. */
export interface BadClients {
  /** How many connections the server still bears. */
  held(): number;
  close(): void;
}

/**
 * Opens so many connections; whoever is thrown out comes again.
 * @param path of a large blob.
 */
export async function startBadClients(url: string, path: string, counts: BadCounts): Promise<BadClients> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const closing = new AbortController();
  const open = async (text: string): Promise<Socket> => {
    const socket = connect(Number(port), hostname);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  };
  /** One after the other, for as long as the clients are there. */
  const again = async (text: string, eachSecond: (socket: Socket) => void): Promise<void> => {
    while (!closing.signal.aborted) {
      const socket = await open(text).catch(() => undefined);
      if (socket !== undefined) {
        const timer = setInterval(() => eachSecond(socket), 1000);
        await once(socket, 'close').catch(() => {});
        clearInterval(timer);
      }
      await delay(1000, undefined, { ref: false });
    }
  };
  for (let index = 0; index < counts.idle; index += 1) {
    const socket = await open('GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
  }
  for (let index = 0; index < counts.unfinished; index += 1)
    void again('GET /v2/ HTTP/1.1\r\n', (socket) => {
      // To be told that the server has ended it.
      socket.resume();
      socket.write('A: b\r\n');
    });
  for (let index = 0; index < counts.slow; index += 1)
    void again(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`, (socket) => void socket.read(1));
  return {
    held: () => sockets.size,
    close() {
      closing.abort();
      for (const socket of sockets) socket.destroy();
    },
  };
}
