import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { ImageState } from '../runtime/contract/keeper.ts';

export interface AnswererOfKeeper {
  readonly url: string;
  readonly close: () => void;
}

/**
 * Answers the keeper's question about an image from memory, with bytes that are there already, so that the hook alone is
 * measured. The hook's requests have no body and come in one piece.
 */
export async function keeperAnswerer(states: ReadonlyMap<string, ImageState>): Promise<AnswererOfKeeper> {
  const answers = new Map([...states].map(([path, state]) => [path, bytesOf(state)]));
  const absent = bytesOf({ state: 'Absent', ordinal: 0 });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.setNoDelay(true));
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const heads = chunk.toString('latin1').split('\r\n\r\n').slice(0, -1);
      socket.write(Buffer.concat(heads.map((head) => answers.get(pathOf(head)) ?? absent)));
    });
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

function pathOf(head: string): string {
  return head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/'));
}

function bytesOf(state: ImageState): Buffer {
  const content = JSON.stringify(state);
  const head = ['HTTP/1.1 200 OK', 'content-type: application/json', `content-length: ${content.length}`];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${content}`);
}
