import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Bytes that may be under way in each direction of a connection, as a network has them. */
const window = 4 * 1_048_576;

export interface Delayed {
  readonly url: string;
  close(): void;
}

/**
 * Stands before a server, and hands on whatever comes `milliseconds` later, in each direction. In place of a network that
 * is so far: the kernel's own delay (netem) is not to be had everywhere. It costs both sides of a comparison the same.
 */
export async function delayed(url: string, milliseconds: number): Promise<Delayed> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.setNoDelay(true);
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroySoon();
      });
      handOn(from, to, milliseconds);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It listens on a port of this machine.
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function handOn(from: Socket, to: Socket, milliseconds: number): void {
  let underWay = 0;
  from.on('data', (chunk: Buffer) => {
    underWay += chunk.length;
    if (underWay > window) from.pause();
    setTimeout(() => {
      underWay -= chunk.length;
      if (!to.writable) return;
      if (!to.write(chunk)) from.pause();
      else if (underWay <= window) from.resume();
    }, milliseconds);
  });
  to.on('drain', () => {
    if (underWay <= window) from.resume();
  });
  from.on('end', () => setTimeout(() => to.end(), milliseconds));
}
