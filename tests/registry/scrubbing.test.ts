import assert from 'node:assert/strict';
import { mkdir, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { scrub } from '../../oci/store/scrub.ts';
import { startKeeper } from '../../registry/start.ts';
import { createLogger } from '../../runtime/log.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { ask } from './support/client.ts';
import { digestOf } from './support/memoryImages.ts';
import { serveVolume } from './support/site.ts';
import { blobPath, makeImage, publish, writeMarker, writeNamespace } from './support/volume.ts';

const token = 'keeper-token';

describe('the scrubber', () => {
  test('takes a damaged blob out of service, and the hook is told that the image is absent', async (t) => {
    const site = await serveVolume(t);
    const image = await makeImage('whole');
    const large = await makeImage(Buffer.alloc(3_000_000, 'x'));
    await publish(site.root, image, { name: 'whole' });
    await publish(site.root, large);
    const lines: string[] = [];
    const logger = createLogger({ name: 'keeper', destination: { write: (line) => void lines.push(line) } });
    // Same size, other bytes: only reading tells.
    await writeFile(blobPath(site.root, 'default', large.layer), Buffer.alloc(large.layer.length, 'y'));
    const configuration = { store: site.root, host: '127.0.0.1', port: 0, token };
    const keeper = await startKeeper({ ...configuration, scrubEvery: 10 }, logger);
    t.after(() => keeper.close());
    const state = async (name: string): Promise<unknown> => {
      const path = `/internal/v1/namespaces/default/images/${name}/tags/v1`;
      const { body } = await ask(keeper.url, path, { headers: { authorization: `Bearer ${token}` } });
      return JSON.parse(body.toString()).state;
    };
    while (!lines.some((line) => line.includes('taken out of service'))) await new Promise(setImmediate);
    const metrics = (await ask(keeper.url, '/metrics')).body.toString();
    assert.match(metrics, /^niximage_volume_used_bytes [1-9]\d*$/m);
    assert.match(metrics, /^niximage_volume_free_bytes [1-9]\d*$/m);
    assert.equal(await state('app'), 'Absent');
    assert.equal(await state('whole'), 'Present');
    assert.equal((await ask(site.url, `/v2/app/blobs/${digestOf(large.layer)}`)).status, 404);
    assert.deepEqual(
      (await readdir(join(site.root, 'default/trash'))).map((name) => name.slice(0, 64)),
      [digestOf(large.layer).slice('sha256:'.length)],
    );
    assert.ok(lines.some((line) => line.includes(digestOf(large.layer))));
  });

  test('finds what was cut short, leaves the rest, and is stopped by nothing that is planted', async (t) => {
    const root = join(await temporaryFolder(t), 'store');
    await writeMarker(root);
    for (const namespace of ['default', 'victim']) await writeNamespace(root, namespace);
    const blobs = ['one', 'two', 'three'].map((text) => Buffer.from(text));
    for (const bytes of blobs)
      for (const namespace of ['default', 'victim']) await writeFile(blobPath(root, namespace, bytes), bytes);
    const [first = Buffer.alloc(0)] = blobs;
    await truncate(blobPath(root, 'default', first), 1);
    await writeFile(blobPath(root, 'victim', first), 'bad');
    const planted = (text: string): string => blobPath(root, 'default', Buffer.from(text));
    await execa('mkfifo', [planted('fifo')]);
    await mkdir(planted('folder'));
    await symlink(blobPath(root, 'victim', first), planted('link'));
    await symlink(join(root, 'victim/blobs/sha256'), join(root, 'default/blobs/sha512'));
    const { bad, checked, bytes } = await scrub(join(root, 'default'));
    assert.deepEqual(bad, [digestOf(first)]);
    assert.equal(checked, 6);
    assert.equal(bytes, 1 + 'two'.length + 'three'.length);
    assert.equal((await readdir(join(root, 'victim/blobs/sha256'))).length, 3);
  });

  test('reads no faster than it may, and stops when it is told', async (t) => {
    const root = join(await temporaryFolder(t), 'store');
    await writeMarker(root);
    await writeNamespace(root, 'default');
    const bytes = Buffer.alloc(4_000_000, 'x');
    await writeFile(blobPath(root, 'default', bytes), bytes);
    const stop = new AbortController();
    const scrubbing = scrub(join(root, 'default'), { bytesPerSecond: 8_000_000, signal: stop.signal });
    stop.abort();
    const { bad, bytes: read } = await scrubbing;
    assert.deepEqual(bad, []);
    assert.ok(read < bytes.length);
  });
});
