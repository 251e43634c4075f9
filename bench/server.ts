import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';

/** A TCP port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

/**
 * Waits until a server that is starting answers 200.
 * @param isOver whether its process has ended.
 */
export async function untilReady(url: string, isOver: () => boolean): Promise<void> {
  const until = performance.now() + 10_000;
  while (performance.now() < until && !isOver()) {
    const answer = await request(url).catch(() => undefined);
    await answer?.body.dump();
    if (answer?.statusCode === 200) return;
    await delay(50);
  }
  throw new Error(`the server at ${url} does not become ready`);
}
