import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWaiting } from '../../registry/serve/waiting.ts';
import { ask, problemCode } from './support/client.ts';
import { digestOf, memoryImages, serveImages } from './support/memoryImages.ts';

const manifest = Buffer.from('{"schemaVersion":2}');

test('more requests than may run at once are sent away to come back; health and metrics are answered', async (t) => {
  const reached = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = Promise.withResolvers<void>();
  let asked = 0;
  const images = memoryImages({ v1: manifest }, [], {
    async tags() {
      reached[asked++]?.resolve();
      await slow.promise;
      return ['v1'];
    },
  });
  const { url } = await serveImages(t, images, undefined, undefined, { mostRequests: 2 });
  const running = [ask(url, '/v2/app/tags/list'), ask(url, '/v2/app/tags/list')];
  await Promise.all(reached.map(({ promise }) => promise));
  const sentAway = await ask(url, '/v2/app/tags/list');
  assert.equal(sentAway.status, 429);
  assert.equal(problemCode(sentAway), 'TOOMANYREQUESTS');
  assert.equal(sentAway.headers['retry-after'], '1');
  assert.equal((await ask(url, '/healthz')).status, 200);
  assert.equal((await ask(url, '/metrics')).status, 200);
  slow.resolve();
  for (const { status } of await Promise.all(running)) assert.equal(status, 200);
  assert.equal((await ask(url, '/v2/app/tags/list')).status, 200, 'there is room again');
});

test('a request that waits for its image takes no room', async (t) => {
  let isServed = false;
  const images = memoryImages({ v1: manifest }, [], {
    resolve: async () => (isServed ? digestOf(manifest) : undefined),
    news: async () => ({ tag: 'v1', state: 'Building' }),
  });
  const waiting = createWaiting(20_000);
  const { url } = await serveImages(t, images, undefined, waiting, { mostRequests: 1 });
  const held = [1, 2, 3].map(() => ask(url, '/v2/app/manifests/v1'));
  while (waiting.count < 3) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await ask(url, '/v2/app/tags/list')).status, 200);
  isServed = true;
  for (const { status } of await Promise.all(held)) assert.equal(status, 200);
});
