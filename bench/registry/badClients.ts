import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

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
  const timers = new Set<NodeJS.Timeout>();
  let isClosed = false;
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
  const again = (text: string, eachSecond: (socket: Socket) => void): void => {
    const begin = (): void => {
      if (isClosed) return;
      open(text).then((socket) => {
        const timer = setInterval(() => eachSecond(socket), 1000);
        timers.add(timer);
        socket.on('close', () => {
          clearInterval(timer);
          timers.delete(timer);
          setTimeout(begin, 1000).unref();
        });
      }, begin);
    };
    begin();
  };
  for (let index = 0; index < counts.idle; index += 1) {
    const socket = await open('GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
  }
  for (let index = 0; index < counts.unfinished; index += 1)
    again('GET /v2/ HTTP/1.1\r\n', (socket) => {
      // To be told that the server has ended it.
      socket.resume();
      socket.write('A: b\r\n');
    });
  for (let index = 0; index < counts.slow; index += 1)
    again(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`, (socket) => void socket.read(1));
  return {
    held: () => sockets.size,
    close() {
      isClosed = true;
      for (const timer of timers) clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}
