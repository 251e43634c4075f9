import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import type { Images } from '../../registry/serve/images.ts';
import { createWaiting } from '../../registry/serve/waiting.ts';
import { startKeeper } from '../../registry/start.ts';
import type { BuildNews } from '../../runtime/contract/keeper.ts';
import { createLogger } from '../../runtime/log.ts';
import { ask, problemCode } from './support/client.ts';
import { digestOf, memoryImages, serveImages } from './support/memoryImages.ts';
import { serveVolume } from './support/site.ts';

const manifest = Buffer.from('{"schemaVersion":2}');

/** Images of which `app:v1` is built now; `finish` lets it be served, `fail` says why it is not. */
function buildingImages(): { images: Images; finish: () => void; fail: (message: string) => void } {
  let isServed = false;
  let news: BuildNews = { tag: 'v1', state: 'Building' };
  const images = memoryImages({ v1: manifest }, [], {
    resolve: async () => (isServed ? digestOf(manifest) : undefined),
    news: async () => news,
  });
  return {
    images,
    finish: () => {
      isServed = true;
    },
    fail: (message) => {
      news = { tag: 'v1', state: 'Failed', message };
    },
  };
}

describe('an image that is not served yet', () => {
  const token = 'keeper-token';
  const rows: readonly { readonly reason: string; readonly news: BuildNews; readonly says: string }[] = [
    {
      reason: 'queued',
      news: { tag: 'v1', state: 'Queued' },
      says: 'app:v1 waits for its build to begin; try again later',
    },
    {
      reason: 'building',
      news: { tag: 'v1', state: 'Building' },
      says: 'app:v1 is being built; try again later',
    },
    {
      reason: 'failed, in one line',
      news: { tag: 'v1', state: 'Failed', message: 'curll is no package;\n\tdid you mean curl?' },
      says: 'app:v1 could not be built: curll is no package; did you mean curl?',
    },
    { reason: 'another tag', news: { tag: 'v2', state: 'Building' }, says: 'there is no image app here' },
  ];
  for (const { reason, news, says } of rows)
    test(`is refused with what the hook told the keeper: ${reason}`, async (t) => {
      const site = await serveVolume(t);
      const logger = createLogger({ name: 'test', level: 'silent' });
      const keeper = await startKeeper({ store: site.root, host: '127.0.0.1', port: 0, token }, logger);
      t.after(() => keeper.close());
      const path = '/internal/v1/namespaces/default/images/app';
      const headers = { authorization: `Bearer ${token}` };
      const told = await ask(keeper.url, `${path}/build`, {
        method: 'PUT',
        headers,
        body: JSON.stringify(news),
      });
      assert.equal(told.status, 200);
      const answer = await ask(site.url, '/v2/app/manifests/v1');
      assert.equal(answer.status, 404);
      assert.equal(JSON.parse(answer.body.toString()).errors[0].message, says);
      const body = JSON.stringify({ uid: 'uid' });
      await ask(keeper.url, `${path}/finalize`, { method: 'POST', headers, body });
      assert.match((await ask(site.url, '/v2/app/manifests/v1')).body.toString(), /no image app/);
    });
});

describe('a request that waits', () => {
  test('is answered once the image is there', async (t) => {
    const { images, finish } = buildingImages();
    const waiting = createWaiting(20_000);
    const { url } = await serveImages(t, images, undefined, waiting);
    const asked = [ask(url, '/v2/app/manifests/v1'), ask(url, '/v2/app/manifests/v1', { method: 'HEAD' })];
    while (waiting.count < 2) await new Promise((resolve) => setImmediate(resolve));
    assert.match((await ask(url, '/metrics')).body.toString(), /^niximage_registry_waiting 2$/m);
    finish();
    for (const { status, headers } of await Promise.all(asked)) {
      assert.equal(status, 200);
      assert.equal(headers['docker-content-digest'], digestOf(manifest));
    }
    assert.equal(waiting.count, 0);
  });

  test('is told why, when the build fails meanwhile', async (t) => {
    const { images, fail } = buildingImages();
    const { url } = await serveImages(t, images, undefined, createWaiting(20_000));
    const asked = ask(url, '/v2/app/manifests/v1');
    fail('no such package');
    const { status, body } = await asked;
    assert.equal(status, 404);
    assert.match(body.toString(), /could not be built: no such package/);
  });

  test('is sent away when the time is up, to come back', async (t) => {
    const { images } = buildingImages();
    const { url } = await serveImages(t, images, undefined, createWaiting(1));
    const answer = await ask(url, '/v2/app/manifests/v1');
    assert.equal(answer.status, 429);
    assert.equal(problemCode(answer), 'TOOMANYREQUESTS');
    assert.equal(answer.headers['retry-after'], '5');
  });

  test('is sent away at once where too many wait', async (t) => {
    const { images } = buildingImages();
    const { url } = await serveImages(t, images, undefined, createWaiting(20_000, 0));
    assert.equal((await ask(url, '/v2/app/manifests/v1')).status, 429);
  });

  test('costs little: 5,000 of them share one look at the store', async (t) => {
    const { images, finish } = buildingImages();
    const waiting = createWaiting(20_000);
    let looks = 0;
    const counting: Images = {
      ...images,
      resolve: (...words) => {
        looks += 1;
        return images.resolve(...words);
      },
    };
    const { port } = await serveImages(t, counting, undefined, waiting);
    const answers = await Promise.all(
      Array.from({ length: 5000 }, async () => {
        const socket = connect(port, '127.0.0.1');
        await once(socket, 'connect');
        socket.write('GET /v2/app/manifests/v1 HTTP/1.1\r\nHost: x\r\n\r\n');
        return socket;
      }),
    );
    while (waiting.count < answers.length) await new Promise((resolve) => setTimeout(resolve, 10));
    const before = looks;
    finish();
    for (const socket of answers) {
      const [bytes]: Buffer[] = await once(socket, 'data');
      assert.match(String(bytes), /^HTTP\/1\.1 200 /);
      socket.destroy();
    }
    assert.ok(looks - before < 10, `${looks - before} looks`);
  });
});
