import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface CuttingProxy {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** All that clients sent, as text. */
  readonly asked: () => string;
  /** How many connections were cut. */
  readonly cuts: () => number;
}

/** Passes connections on to `port`, and cuts the first `times` that carried `bytes` to the client. */
export async function cuttingProxy(
  t: TestContext,
  port: number,
  { bytes, times }: { readonly bytes: number; readonly times: number },
): Promise<CuttingProxy> {
  const asked: Buffer[] = [];
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let carried = 0;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      asked.push(chunk);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      carried += chunk.length;
      if (carried > bytes && cuts < times) {
        cuts += 1;
        client.destroySoon();
      } else client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  // A TCP server that listens has an AddressInfo.
  const { port: own } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${own}`,
    asked: () => Buffer.concat(asked).toString('latin1'),
    cuts: () => cuts,
  };
}
