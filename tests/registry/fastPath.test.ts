import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { startServe } from '../../registry/start.ts';
import { createLogger } from '../../runtime/log.ts';
import { type Answer, type Asked, ask } from './support/client.ts';
import { digestOf } from './support/memoryImages.ts';
import { type Site, serveVolume } from './support/site.ts';
import { makeImage, publish } from './support/volume.ts';

/** The answer without what differs from request to request. */
function essence({ status, headers, body }: Answer): unknown {
  const { date: _date, 'x-request-id': _id, ...rest } = headers;
  return { status, headers: rest, body };
}

/** The same volume served with a log of every request, which takes the long way. */
async function longWay(t: TestContext, { root }: Site): Promise<string> {
  const logger = createLogger({ name: 'test', level: 'debug', destination: { write: () => {} } });
  const server = await startServe({ store: root, host: '127.0.0.1', port: 0 }, logger);
  t.after(() => server.close());
  return server.url;
}

describe('what is answered from memory', () => {
  test('is what the long way answers', async (t) => {
    const site = await serveVolume(t);
    const image = await makeImage('one');
    await publish(site.root, image);
    const long = await longWay(t, site);
    const paths = [
      '/v2/app/manifests/v1',
      '/v2/default/app/manifests/v1?ns=docker.io',
      `/v2/app/manifests/${digestOf(image.manifest)}`,
      `/v2/app/blobs/${digestOf(image.layer)}`,
      `/v2/other/blobs/${digestOf(image.config)}`,
      '/v2/app/tags/list',
      '/v2/app/manifests/v2',
    ];
    const asked: readonly Asked[] = [
      {},
      { method: 'HEAD' },
      { headers: { range: 'bytes=2-5' } },
      { headers: { 'if-none-match': `"${digestOf(image.layer)}"` } },
      { method: 'POST' },
    ];
    // The second time it is in memory.
    for (const _turn of [1, 2, 3])
      for (const path of paths)
        for (const each of asked)
          assert.deepEqual(essence(await ask(site.url, path, each)), essence(await ask(long, path, each)));
  });

  test('follows the tag, and forgets it when it is gone', async (t) => {
    const site = await serveVolume(t);
    const images = await Promise.all(['one', 'two', 'three'].map((content) => makeImage(content)));
    for (const [index, image] of images.entries()) {
      await publish(site.root, image, { ordinal: index + 1 });
      let body: Buffer = Buffer.alloc(0);
      while (!body.equals(image.manifest)) ({ body } = await ask(site.url, '/v2/app/manifests/v1'));
      for (let turn = 0; turn < 20; turn += 1)
        assert.ok((await ask(site.url, '/v2/app/manifests/v1')).body.equals(image.manifest));
    }
  });
});
