import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { freePort, untilReady } from '../../bench/server.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { ask, problemCode } from './support/client.ts';
import { digestOf } from './support/memoryImages.ts';
import { nginxWords } from './support/nginx.ts';
import { serveVolume } from './support/site.ts';
import { blobPath, makeImage, publish, writeNamespace } from './support/volume.ts';

const accelerator = '/_volume/';

/** nginx with the shipped configuration before what listens on `upstream`, until the test ends. */
async function accelerate(t: TestContext, store: string, upstream: number, ready: string): Promise<string> {
  const port = await freePort();
  const folder = await temporaryFolder(t);
  const words = await nginxWords({ folder, store, port, upstream });
  const child = execa('nginx', words, { reject: false, stdio: 'ignore', env: { PATH: searchPath() } });
  let isOver = false;
  const over = child.finally(() => {
    isOver = true;
  });
  t.after(async () => {
    child.kill('SIGTERM');
    await over;
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url + ready, () => isOver);
  return url;
}

function searchPath(): string {
  return `${process.env['PATH'] ?? ''}:/usr/sbin`;
}

describe('nginx before serve', () => {
  test('sends large blobs with the headers of serve, and the rest as serve answers it', async (t) => {
    const site = await serveVolume(t, { accelerator });
    const plain = await serveVolume(t);
    const small = await makeImage('one');
    const large = await makeImage(randomBytes(3_000_000));
    for (const { root } of [site, plain]) {
      await publish(root, small);
      await publish(root, large, { name: 'large' });
    }
    const url = await accelerate(t, site.root, Number(new URL(site.url).port), '/readyz');
    const direct = await ask(site.url, `/v2/large/blobs/${digestOf(large.layer)}`);
    assert.equal(
      direct.headers['x-accel-redirect'],
      `/_volume/default/blobs/sha256/${digestOf(large.layer).slice(7)}`,
    );
    assert.equal(direct.body.length, 0);

    const blob = `/v2/large/blobs/${digestOf(large.layer)}`;
    const end = large.layer.length - 1;
    const rows = [
      { path: blob },
      { path: blob, method: 'HEAD' },
      { path: blob, headers: { range: 'bytes=0-0' } },
      { path: blob, headers: { range: 'bytes=1000000-' } },
      { path: blob, headers: { range: `bytes=${end - 9}-${end}` } },
      { path: blob, headers: { range: 'bytes=-100' } },
      { path: blob, headers: { 'if-none-match': `"${digestOf(large.layer)}"` } },
      { path: `/v2/app/blobs/${digestOf(small.layer)}` },
      { path: '/v2/app/manifests/v1' },
      { path: '/v2/app/manifests/v1', method: 'HEAD' },
      { path: '/v2/app/manifests/v2' },
      { path: `/v2/large/blobs/sha256:${'0'.repeat(64)}` },
      { path: '/v2/app/tags/list' },
    ];
    for (const { path, ...asked } of rows) {
      const [behind, through] = [await ask(plain.url, path, asked), await ask(url, path, asked)];
      const reason = `${path} ${JSON.stringify(asked)}`;
      assert.equal(through.status, behind.status, reason);
      assert.ok(through.body.equals(behind.body), reason);
      for (const name of [
        'content-type',
        'content-length',
        'docker-content-digest',
        'etag',
        'content-range',
        'cache-control',
        'x-content-type-options',
        'last-modified',
      ])
        assert.equal(through.headers[name], behind.headers[name], `${name} of ${reason}`);
      if (path === blob) assert.ok(through.headers['x-request-id']);
      assert.equal(through.headers['x-accel-redirect'], undefined);
    }
    const beyond = await ask(url, blob, { headers: { range: 'bytes=99999999-' } });
    assert.equal(beyond.status, 416);
  });

  test('lets nobody past serve', async (t) => {
    const site = await serveVolume(t, { accelerator });
    await writeNamespace(site.root, 'team');
    const url = await accelerate(t, site.root, Number(new URL(site.url).port), '/readyz');
    const image = await makeImage(randomBytes(2_000_000));
    await publish(site.root, image, { namespace: 'team' });
    const hex = digestOf(image.layer).slice(7);
    const paths = [
      `/_volume/team/blobs/sha256/${hex}`,
      `//_volume/team/blobs/sha256/${hex}`,
      `/v2/../_volume/team/blobs/sha256/${hex}`,
      `/%5fvolume/team/blobs/sha256/${hex}`,
      '/_volume/_marker.json',
      '/_volume../_marker.json',
    ];
    for (const path of paths) assert.equal((await ask(url, path)).status, 404, path);
    const other = await ask(url, `/v2/app/blobs/${digestOf(image.layer)}`);
    assert.equal(problemCode(other), 'BLOB_UNKNOWN');
  });

  test('follows no link that a tenant puts in a blob’s place after serve has looked', async (t) => {
    const folder = await temporaryFolder(t);
    const root = join(folder, 'store');
    await writeNamespace(root, 'default');
    await writeNamespace(root, 'victim');
    const secret = Buffer.from('NOBODY-MAY-READ-THIS');
    await writeFile(blobPath(root, 'victim', secret), secret);
    const hex = digestOf(secret).slice(7);
    await symlink(blobPath(root, 'victim', secret), blobPath(root, 'default', secret));
    await mkdir(join(root, 'default/other'));
    await symlink(join(root, 'victim/blobs/sha256'), join(root, 'default/other/sha256'));
    await execa('mkfifo', [join(root, 'default/fifo')]);
    // Stands for serve, which looked a moment ago.
    const serve = createServer(({ url }, response) => {
      if (url !== '/readyz') response.setHeader('X-Accel-Redirect', `/_volume${url}`);
      response.end();
    }).listen(0, '127.0.0.1');
    t.after(() => serve.close());
    await once(serve, 'listening');
    const { port } = serve.address() as AddressInfo;
    const url = await accelerate(t, root, port, '/readyz');
    assert.equal((await ask(url, `/victim/blobs/sha256/${hex}`)).body.toString(), secret.toString());
    for (const path of [`/default/blobs/sha256/${hex}`, `/default/other/sha256/${hex}`, '/default/fifo']) {
      const { status, body } = await ask(url, path);
      assert.ok(status === 403 || status === 404, `${path}: ${status}`);
      assert.ok(!body.includes(secret), path);
    }
  });

  test('serves crane and skopeo', async (t) => {
    const site = await serveVolume(t, { accelerator });
    const image = await makeImage(randomBytes(4_000_000));
    await publish(site.root, image);
    const url = await accelerate(t, site.root, Number(new URL(site.url).port), '/readyz');
    const reference = `${new URL(url).host}/app:v1`;
    const folder = await temporaryFolder(t);
    const crane = new URL('../../.cache/bin/crane', import.meta.url).pathname;
    await execa(crane, ['validate', '--insecure', '--remote', reference]);
    await execa('skopeo', ['copy', '--src-tls-verify=false', `docker://${reference}`, `dir:${folder}`]);
  });
});
