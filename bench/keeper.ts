import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ImageState } from '../runtime/contract/keeper.ts';

export interface AnswererOfKeeper {
  readonly url: string;
  readonly close: () => void;
}

/** Answers the keeper's question about an image from memory, so that the hook alone is measured. */
export async function keeperAnswerer(states: ReadonlyMap<string, ImageState>): Promise<AnswererOfKeeper> {
  const answers = new Map([...states].map(([path, state]) => [path, Buffer.from(JSON.stringify(state))]));
  const absent = Buffer.from(JSON.stringify({ state: 'Absent', ordinal: 0 } satisfies ImageState));
  const server: Server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '') ?? absent;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server that listens has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
