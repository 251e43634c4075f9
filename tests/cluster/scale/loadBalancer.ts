import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface LoadBalancer {
  readonly url: string;
  close(): void;
}

/** Stands where a Service stands: each connection goes to the next of several ports of this machine. */
export async function balanceLoad(ports: readonly number[]): Promise<LoadBalancer> {
  const sockets = new Set<Socket>();
  let next = 0;
  const server = createServer((socket) => {
    const port = ports[next % ports.length] ?? 0;
    next += 1;
    const behind = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      sockets.add(one.setNoDelay(true));
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server that listens has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
