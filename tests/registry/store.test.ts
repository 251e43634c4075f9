import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { openTree } from '../../oci/store/tree.ts';
import { startKeeper } from '../../registry/start.ts';
import { createLogger } from '../../runtime/log.ts';
import { type Answer, type Asked, ask, problemCode } from './support/client.ts';
import { digestOf, manifestType } from './support/memoryImages.ts';
import { type Site, serveVolume } from './support/site.ts';
import {
  blobPath,
  makeImage,
  publish,
  type WrittenImage,
  writeMarker,
  writeNamespace,
} from './support/volume.ts';

interface Kept extends Site {
  readonly keeper: (path: string, asked?: Asked) => Promise<Answer>;
}

/** A volume with both processes on it. */
async function keepVolume(t: TestContext): Promise<Kept> {
  const site = await serveVolume(t);
  const token = 'a-token';
  const logger = createLogger({ name: 'test', level: 'silent' });
  const server = await startKeeper({ store: site.root, host: '127.0.0.1', port: 0, token }, logger);
  t.after(() => server.close());
  const headers = { authorization: `Bearer ${token}` };
  return {
    ...site,
    keeper: (path, asked) => ask(server.url, `/internal/v1/namespaces/${path}`, { headers, ...asked }),
  };
}

function json(answer: Answer): unknown {
  return JSON.parse(answer.body.toString());
}

const blobUrl = (name: string, bytes: Buffer): string => `/v2/${name}/blobs/${digestOf(bytes)}`;

describe('an image on the volume', () => {
  test('is served by tag and by digest, its blobs too, the newest publication first', async (t) => {
    const { root, url } = await serveVolume(t);
    const first = await makeImage('one');
    const second = await makeImage('two');
    await publish(root, first);
    assert.deepEqual((await ask(url, '/v2/app/manifests/v1')).body, first.manifest);
    await publish(root, second, { ordinal: 2 });
    assert.deepEqual((await ask(url, '/v2/app/manifests/v1')).body, second.manifest);
    for (const { manifest, config, layer } of [first, second]) {
      assert.deepEqual((await ask(url, `/v2/app/manifests/${digestOf(manifest)}`)).body, manifest);
      for (const bytes of [config, layer]) {
        for (const reason of ['from the file', 'from memory'])
          assert.deepEqual((await ask(url, blobUrl('app', bytes))).body, bytes, reason);
        const part = await ask(url, blobUrl('app', bytes), { headers: { range: 'bytes=5-' } });
        assert.deepEqual(part.body, bytes.subarray(5));
      }
    }
  });

  test('is served as a builder writes it', async (t) => {
    const { root, url, keeper } = await keepVolume(t);
    const headers = { authorization: 'Bearer a-token' };
    await keeper('team', { method: 'PUT', body: '{"uid":"ns-1"}', headers });
    const image = await makeImage('written by the builder');
    const tree = await openTree(join(root, 'team'), 'app-1-1');
    for (const bytes of [image.config, image.layer]) await tree.putBlob(bytes);
    const digest = await tree.putManifest('app', image.manifest);
    assert.equal((await ask(url, '/v2/team/app/manifests/v1')).status, 404);
    await tree.publish('app', 'v1', {
      digest,
      mediaType: manifestType,
      manifestSize: image.manifest.length,
      size: image.config.length + image.layer.length,
      created: '2026-01-02T03:04:05Z',
      ordinal: 1,
      uid: 'image-uid',
      inputHash: 'b'.repeat(64),
    });
    assert.deepEqual((await ask(url, '/v2/team/app/manifests/v1')).body, image.manifest);
    assert.deepEqual((await ask(url, blobUrl('team/app', image.layer))).body, image.layer);
    const state = json(await keeper('team/images/app/tags/v1'));
    assert.ok(typeof state === 'object' && state !== null && 'state' in state && state.state === 'Present');
    await tree.releaseLeases();
  });

  test("is not served under another namespace's name, nor are its blobs", async (t) => {
    const { root, url } = await serveVolume(t);
    const image = await makeImage('secret');
    await writeNamespace(root, 'team');
    await writeNamespace(root, 'other');
    await publish(root, image, { namespace: 'team' });
    await publish(root, await makeImage('own'), { namespace: 'other' });
    assert.equal((await ask(url, blobUrl('team/app', image.layer))).status, 200);
    for (const name of ['app', 'other/app', 'default/app']) {
      assert.equal((await ask(url, blobUrl(name, image.layer))).status, 404);
      assert.equal((await ask(url, `/v2/${name}/manifests/${digestOf(image.manifest)}`)).status, 404);
    }
  });
});

describe('the keeper', () => {
  const uid = JSON.stringify({ uid: 'ns-1' });

  test('goes with a namespace from its making to an image and its end', async (t) => {
    const { root, url, keeper } = await keepVolume(t);
    assert.deepEqual(json(await keeper('team/images/app/tags/v1')), { state: 'NoNamespace' });
    const headers = { authorization: 'Bearer a-token' };
    assert.equal((await keeper('team', { method: 'PUT', body: uid, headers })).status, 201);
    assert.equal((await keeper('team', { method: 'PUT', body: uid, headers })).status, 200);
    assert.equal((await keeper('team', { method: 'PUT', body: '{"uid":"ns-2"}', headers })).status, 201);
    assert.deepEqual(json(await keeper('team/images/app/tags/v1')), { state: 'Absent', ordinal: 0 });

    const image = await makeImage('one');
    await publish(root, image, { namespace: 'team', ordinal: 4 });
    assert.deepEqual(json(await keeper('team/images/app/tags/v1')), {
      state: 'Present',
      publication: {
        digest: digestOf(image.manifest),
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        size: image.config.length + image.layer.length,
        inputHash: 'a'.repeat(64),
        uid: 'image-uid',
        ordinal: 4,
      },
    });

    const end = async (body: string): Promise<unknown> =>
      json(await keeper('team/images/app/finalize', { method: 'POST', body, headers }));
    await publish(root, await makeImage('later'), { namespace: 'team', tag: 'v2', uid: 'later-uid' });
    assert.deepEqual(await end('{"uid":"nobody"}'), { removedTags: 0, removedManifests: 0 });
    assert.deepEqual(await end('{"uid":"image-uid"}'), { removedTags: 1, removedManifests: 1 });
    assert.equal((await ask(url, '/v2/team/app/manifests/v1')).status, 404);
    assert.equal((await ask(url, '/v2/team/app/manifests/v2')).status, 200);
    assert.deepEqual(await end('{"uid":"later-uid"}'), { removedTags: 1, removedManifests: 1 });
    assert.deepEqual(await readdir(join(root, 'team/images')), []);
    assert.equal((await readdir(join(root, 'team/blobs/sha256'))).length, 4);
    assert.deepEqual(await end('{"uid":"later-uid"}'), { removedTags: 0, removedManifests: 0 });
  });

  test('knows no image as present of which something is missing', async (t) => {
    const { root, keeper } = await keepVolume(t);
    const breaks: readonly ((image: WrittenImage) => Promise<unknown>)[] = [
      (image) => rm(blobPath(root, 'default', image.layer)),
      (image) => truncate(blobPath(root, 'default', image.config), 5),
      (image) => rm(join(root, 'default/images/app/manifests/sha256', digestOf(image.manifest).slice(7))),
      (image) =>
        writeFile(join(root, 'default/images/app/manifests/sha256', digestOf(image.manifest).slice(7)), '{}'),
    ];
    for (const [index, broken] of breaks.entries()) {
      const image = await makeImage(`content ${index}`);
      await publish(root, image, { ordinal: index + 1 });
      const before = json(await keeper('default/images/app/tags/v1'));
      assert.ok(
        typeof before === 'object' && before !== null && 'state' in before && before.state === 'Present',
      );
      await broken(image);
      assert.deepEqual(json(await keeper('default/images/app/tags/v1')), {
        state: 'Absent',
        ordinal: index + 1,
      });
    }
  });

  test('passes on what a builder says it is doing, and nothing else it may have written', async (t) => {
    const { root, keeper } = await keepVolume(t);
    const file = join(root, 'default/progress/app-1-1.json');
    const progress = {
      v: 1,
      pod: 'app-1-1',
      activity: { kind: 'Fetching', done: 1, expected: 3 },
      at: 'now',
    };
    await writeFile(file, JSON.stringify({ ...progress, more: 'x' }));
    assert.deepEqual(json(await keeper('default/images/app/progress/app-1-1')), progress);
    for (const text of ['', '[]', '{"v":1}', 'x'.repeat(100_000)]) {
      await writeFile(file, text);
      assert.equal((await keeper('default/images/app/progress/app-1-1')).status, 404);
    }
  });
});

describe('a volume that goes away', () => {
  test('is 503 to everybody, says nothing of any image, and is served again when it is back', async (t) => {
    const { root, url, keeper } = await keepVolume(t);
    const image = await makeImage(randomBytes(2_000_000));
    await publish(root, image);
    assert.equal((await ask(url, '/v2/app/manifests/v1')).status, 200);
    await rename(root, `${root}-away`);
    await mkdir(root);
    const paths = ['/v2/app/manifests/v1', '/v2/app/tags/list', blobUrl('app', image.layer), '/readyz'];
    for (const path of paths) assert.equal((await ask(url, path)).status, 503, path);
    assert.equal((await keeper('default/images/app/tags/v1')).status, 503);
    await writeMarker(root);
    for (const path of paths) assert.equal((await ask(url, path)).status, 503, `${path} of another volume`);
    assert.equal((await keeper('default/images/app/tags/v1')).status, 503);
    await rm(root, { recursive: true });
    await rename(`${root}-away`, root);
    for (const path of paths) assert.equal((await ask(url, path)).status, 200, `${path} when it is back`);
    assert.equal((await keeper('default/images/app/tags/v1')).status, 200);
  });

  test('and that has lost its mark only, is unknown to the keeper, though the image is there', async (t) => {
    const { root, keeper } = await keepVolume(t);
    await publish(root, await makeImage('hello'));
    assert.equal((await keeper('default/images/app/tags/v1')).status, 200);
    await rename(`${root}/_marker.json`, `${root}/_marker.away`);
    assert.equal((await keeper('default/images/app/tags/v1')).status, 503);
    await rename(`${root}/_marker.away`, `${root}/_marker.json`);
    assert.equal((await keeper('default/images/app/tags/v1')).status, 200);
  });
});

describe('a hostile tenant', () => {
  /** The tenant `evil` beside `default`, whose image it is after. */
  async function invade(t: TestContext): Promise<Kept & { image: WrittenImage; evil: string }> {
    const kept = await keepVolume(t);
    const image = await makeImage('secret');
    await publish(kept.root, image);
    await writeNamespace(kept.root, 'evil');
    return { ...kept, image, evil: join(kept.root, 'evil') };
  }

  test('gets nothing by a symbolic link to a blob', async (t) => {
    const { root, url, image, evil } = await invade(t);
    await symlink(blobPath(root, 'default', image.layer), blobPath(root, 'evil', image.layer));
    assert.equal((await ask(url, blobUrl('evil/app', image.layer))).status, 404);
    await rm(join(evil, 'blobs'), { recursive: true });
    await symlink(join(root, 'default/blobs'), join(evil, 'blobs'));
    assert.equal((await ask(url, blobUrl('evil/app', image.layer))).status, 404);
  });

  test('gets nothing by linked folders, and the keeper removes nothing through them', async (t) => {
    const { root, url, image, evil, keeper } = await invade(t);
    await symlink(join(root, 'default/images/app'), join(evil, 'images/app'));
    assert.equal((await ask(url, '/v2/evil/app/manifests/v1')).status, 404);
    assert.equal((await ask(url, `/v2/evil/app/manifests/${digestOf(image.manifest)}`)).status, 404);
    assert.equal((await ask(url, '/v2/evil/app/tags/list')).status, 404);
    await keeper('evil/images/app/finalize', {
      method: 'POST',
      body: '{"uid":"image-uid"}',
      headers: { authorization: 'Bearer a-token' },
    });
    await rm(join(evil, 'images/app'));
    await mkdir(join(evil, 'images/app'));
    for (const part of ['tags', 'manifests'])
      await symlink(join(root, 'default/images/app', part), join(evil, 'images/app', part));
    await keeper('evil/images/app/finalize', {
      method: 'POST',
      body: '{"uid":"image-uid"}',
      headers: { authorization: 'Bearer a-token' },
    });
    assert.equal((await ask(url, '/v2/app/manifests/v1')).status, 200);
    assert.equal((await ask(url, '/v2/evil/app/manifests/v1')).status, 404);
  });

  test('blocks nobody with FIFOs and folders where files are expected', async (t) => {
    const { root, url, image, evil, keeper } = await invade(t);
    const fifo = (path: string): Promise<unknown> => execa('mkfifo', [path]);
    await fifo(blobPath(root, 'evil', image.layer));
    await mkdir(blobPath(root, 'evil', image.config));
    await mkdir(join(evil, 'images/app/tags/v1'), { recursive: true });
    await fifo(join(evil, 'images/app/tags/v1', `20260102030405-0000000009-u-${'a'.repeat(64)}`));
    await fifo(join(evil, 'images/app/tags/v2'));
    await fifo(join(evil, 'progress/app.json'));
    for (let round = 0; round < 10; round += 1) {
      assert.equal((await ask(url, blobUrl('evil/app', image.layer))).status, 404);
      assert.equal((await ask(url, blobUrl('evil/app', image.config))).status, 404);
      assert.equal((await ask(url, '/v2/evil/app/manifests/v1')).status, 404);
      assert.equal((await ask(url, '/v2/evil/app/manifests/v2')).status, 404);
      assert.equal((await keeper('evil/images/app/progress/app')).status, 404);
      assert.deepEqual(json(await keeper('evil/images/app/tags/v1')), { state: 'Absent', ordinal: 0 });
    }
    assert.equal((await ask(url, blobUrl('app', image.layer))).status, 200);
  });

  test('serves no manifest whose bytes are not what its name says, nor one that is huge', async (t) => {
    const { root, url, image } = await invade(t);
    await publish(root, image, { namespace: 'evil' });
    const folder = join(root, 'evil/images/app/manifests/sha256');
    await writeFile(join(folder, digestOf(image.manifest).slice(7)), '{"schemaVersion":2}');
    const huge = Buffer.alloc(5_000_000, ' ');
    await writeFile(join(folder, digestOf(huge).slice(7)), huge);
    for (const reference of ['v1', digestOf(image.manifest), digestOf(huge)]) {
      const answer = await ask(url, `/v2/evil/app/manifests/${reference}`);
      assert.equal(problemCode(answer), 'MANIFEST_UNKNOWN');
    }
  });

  test('serves no small blob whose bytes are not what its name says', async (t) => {
    const { root, url, image } = await invade(t);
    await writeFile(blobPath(root, 'evil', image.layer), 'something else');
    assert.equal((await ask(url, blobUrl('evil/app', image.layer))).status, 404);
  });

  test('is answered 404 with publications and a mark that cannot be read, or lie', async (t) => {
    const { root, url, evil, keeper } = await invade(t);
    const tag = join(evil, 'images/app/tags/v1');
    await mkdir(tag, { recursive: true });
    const name = (ordinal: number): string =>
      `20260102030405-${String(ordinal).padStart(10, '0')}-u-${'a'.repeat(64)}`;
    const lies = ['', 'null', '[]', '{"v":1,"digest":"../../x"}', '{"v":2}', 'x'.repeat(1_000_000)];
    for (const [index, text] of lies.entries()) await writeFile(join(tag, name(index)), text);
    await chmod(join(tag, name(0)), 0);
    assert.equal((await ask(url, '/v2/evil/app/manifests/v1')).status, 404);
    assert.deepEqual(json(await keeper('evil/images/app/tags/v1')), {
      state: 'Absent',
      ordinal: 0,
    });
    await rm(join(evil, '_namespace.json'));
    await symlink(join(root, 'default/_namespace.json'), join(evil, '_namespace.json'));
    assert.deepEqual(json(await keeper('evil/images/app/tags/v1')), { state: 'NoNamespace' });
  });
});
