import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Answer, type Asked, ask, problemCode } from './support/client.ts';
import { digestOf, manifestType } from './support/memoryImages.ts';
import { type Site, serveVolume } from './support/site.ts';
import { blobPath, makeImage, publish, writeNamespace } from './support/volume.ts';

const token = 'a-token';
const authorization = `Bearer ${token}`;
const emptyConfig = Buffer.from('{}');
const configType = 'application/vnd.oci.empty.v1+json';

interface PushSite extends Site {
  /** Asks with the token. */
  push(method: string, path: string, asked?: Asked): Promise<Answer>;
}

async function pushSite(t: TestContext): Promise<PushSite> {
  const site = await serveVolume(t, { pushToken: token });
  const push: PushSite['push'] = (method, path, asked = {}) =>
    ask(site.url, path, { ...asked, method, headers: { authorization, ...asked.headers } });
  return { ...site, push };
}

function artifact(fields: object = {}): Buffer {
  const config = { mediaType: configType, digest: digestOf(emptyConfig), size: emptyConfig.length };
  return Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers: [], ...fields }),
  );
}

async function pushBlob({ push }: PushSite, bytes: Buffer, name = 'app'): Promise<void> {
  const { status } = await push('POST', `/v2/${name}/blobs/uploads/?digest=${digestOf(bytes)}`, {
    body: bytes,
  });
  assert.equal(status, 201);
}

function pushManifest({ push }: PushSite, bytes: Buffer, reference: string): Promise<Answer> {
  return push('PUT', `/v2/app/manifests/${reference}`, {
    body: bytes,
    headers: { 'content-type': manifestType },
  });
}

describe('who may push', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const rows: readonly {
    readonly reason: string;
    readonly method?: string;
    readonly path?: string;
    readonly shown?: string;
    readonly status: number;
  }[] = [
    { reason: 'nobody without a token', status: 401 },
    { reason: 'not with another token', shown: 'Bearer another', status: 401 },
    { reason: 'not with no password', shown: basic(':'), status: 401 },
    { reason: 'the bearer of the token', shown: authorization, status: 202 },
    { reason: 'as a password, under any name', shown: basic(`anybody:${token}`), status: 202 },
    {
      reason: 'and delete',
      method: 'DELETE',
      path: '/v2/app/manifests/v1',
      shown: authorization,
      status: 404,
    },
    { reason: 'nobody deletes without it', method: 'DELETE', path: '/v2/app/manifests/v1', status: 401 },
    { reason: 'reading stays open', method: 'GET', path: '/v2/app/tags/list', status: 404 },
    {
      reason: 'with no password too',
      method: 'GET',
      path: '/v2/app/tags/list',
      shown: basic(':'),
      status: 404,
    },
    {
      reason: 'the ping asks for a token, so that clients send theirs',
      method: 'GET',
      path: '/v2/',
      status: 401,
    },
    { reason: 'and takes it', method: 'GET', path: '/v2/', shown: basic(`a:${token}`), status: 200 },
    {
      reason: 'a namespace that is not there',
      path: '/v2/no/app/blobs/uploads/',
      shown: authorization,
      status: 404,
    },
  ];
  for (const { reason, method = 'POST', path = '/v2/app/blobs/uploads/', shown, status } of rows)
    test(reason, async (t) => {
      const site = await pushSite(t);
      const answer = await ask(site.url, path, {
        method,
        headers: shown === undefined ? {} : { authorization: shown },
      });
      assert.equal(answer.status, status);
      assert.equal(answer.headers['www-authenticate'], status === 401 ? 'Basic realm="niximage"' : undefined);
    });
});

describe('a blob', () => {
  test('goes on after a connection that was cut', async (t) => {
    const site = await pushSite(t);
    const bytes = Buffer.alloc(100_000, 'x');
    const begun = await site.push('POST', '/v2/app/blobs/uploads/');
    const { location = '' } = begun.headers;
    const { hostname, port } = new URL(site.url);
    const cut = request({
      hostname,
      port,
      path: location,
      method: 'PATCH',
      headers: { authorization, 'content-length': bytes.length },
    });
    cut.on('error', () => {});
    cut.write(bytes.subarray(0, 40_000));
    let range = '0-0';
    while (range === '0-0') range = String((await site.push('GET', location)).headers.range);
    const ended = new Promise<void>((resolve) => void cut.once('close', () => resolve()));
    cut.destroy();
    await ended;
    // The server may still take what came before the cut: it says so, and tells again how far it is.
    let status = 416;
    while (status === 416) {
      const from = Number(String((await site.push('GET', location)).headers.range).split('-')[1]) + 1;
      const headers = { 'content-range': `${from}-${bytes.length - 1}` };
      ({ status } = await site.push('PATCH', location, { body: bytes.subarray(from), headers }));
    }
    assert.equal(status, 202);
    assert.equal((await site.push('PUT', `${location}?digest=${digestOf(bytes)}`)).status, 201);
    assert.ok((await ask(site.url, `/v2/app/blobs/${digestOf(bytes)}`)).body.equals(bytes));
  });

  test('is not taken under another digest, and leaves nothing behind', async (t) => {
    const site = await pushSite(t);
    const path = `/v2/app/blobs/uploads/?digest=${digestOf(Buffer.from('other'))}`;
    const answer = await site.push('POST', path, { body: 'bytes' });
    assert.equal(answer.status, 400);
    assert.equal(problemCode(answer), 'DIGEST_INVALID');
    assert.deepEqual(await readdir(join(site.root, 'default/tmp')), []);
    assert.deepEqual(await readdir(join(site.root, 'default/blobs/sha256')), []);
  });

  test('replaces what bears its name and has another size', async (t) => {
    const site = await pushSite(t);
    const bytes = Buffer.from('the blob');
    await writeFile(blobPath(site.root, 'default', bytes), 'half');
    await pushBlob(site, bytes);
    assert.ok((await ask(site.url, `/v2/app/blobs/${digestOf(bytes)}`)).body.equals(bytes));
    assert.equal((await readdir(join(site.root, 'default/trash'))).length, 1);
  });

  test('is mounted from its own namespace, and from no other', async (t) => {
    const site = await pushSite(t);
    await writeNamespace(site.root, 'team');
    const bytes = Buffer.from('secret');
    await pushBlob(site, bytes);
    const mount = (name: string, from: string): Promise<Answer> =>
      site.push('POST', `/v2/${name}/blobs/uploads/?mount=${digestOf(bytes)}&from=${from}`);
    assert.equal((await mount('other', 'app')).status, 201);
    assert.equal((await mount('team/app', 'app')).status, 202);
    assert.equal((await mount('team/app', 'team/other')).status, 202);
    assert.equal((await ask(site.url, `/v2/team/app/blobs/${digestOf(bytes)}`)).status, 404);
  });

  test('stays while a manifest names it, and goes to the trash afterwards', async (t) => {
    const site = await pushSite(t);
    await pushBlob(site, emptyConfig);
    const manifest = artifact();
    assert.equal((await pushManifest(site, manifest, 'v1')).status, 201);
    const path = `/v2/other/blobs/${digestOf(emptyConfig)}`;
    const used = await site.push('DELETE', path);
    assert.equal(used.status, 403);
    assert.match(used.body.toString(), /used by the image app@sha256/);
    assert.equal((await site.push('DELETE', `/v2/app/manifests/${digestOf(manifest)}`)).status, 202);
    assert.equal((await ask(site.url, '/v2/app/manifests/v1')).status, 404);
    assert.equal((await site.push('DELETE', path)).status, 202);
    assert.equal((await site.push('DELETE', path)).status, 404);
    assert.equal((await readdir(join(site.root, 'default/trash'))).length, 1);
  });
});

describe('a manifest', () => {
  const layer = { mediaType: 'application/octet-stream', digest: digestOf(Buffer.from('no')), size: 2 };
  const rows: readonly {
    readonly reason: string;
    readonly body: Buffer;
    readonly type?: string;
    readonly code: string;
  }[] = [
    { reason: 'no JSON', body: Buffer.from('{'), code: 'MANIFEST_INVALID' },
    { reason: 'another type than it says', body: artifact(), type: 'text/plain', code: 'MANIFEST_INVALID' },
    { reason: 'both an image and an index', body: artifact({ manifests: [] }), code: 'MANIFEST_INVALID' },
    {
      reason: 'a blob that is not there',
      body: artifact({ layers: [layer] }),
      code: 'MANIFEST_BLOB_UNKNOWN',
    },
    { reason: 'more than 4 MiB', body: Buffer.alloc(4_194_305, ' '), code: 'SIZE_INVALID' },
  ];
  for (const { reason, body, type = manifestType, code } of rows)
    test(`is refused: ${reason}`, async (t) => {
      const site = await pushSite(t);
      await pushBlob(site, emptyConfig);
      const answer = await site.push('PUT', '/v2/app/manifests/v1', {
        body,
        headers: { 'content-type': type },
      });
      assert.equal(problemCode(answer), code);
      assert.equal(answer.status, code === 'SIZE_INVALID' ? 413 : 400);
      assert.equal((await ask(site.url, '/v2/app/manifests/v1')).status, 404);
    });

  test('takes the tag that another one had, and keeps its bytes', async (t) => {
    const site = await pushSite(t);
    await pushBlob(site, emptyConfig);
    for (let turn = 1; turn <= 12; turn += 1) {
      const bytes = Buffer.concat([artifact({ annotations: { turn: String(turn) } }), Buffer.from(' \n')]);
      assert.equal((await pushManifest(site, bytes, 'latest')).status, 201);
      assert.ok((await ask(site.url, '/v2/app/manifests/latest')).body.equals(bytes));
    }
  });

  test('never takes the tag of a NixImage, before or after its build', async (t) => {
    const site = await pushSite(t);
    await pushBlob(site, emptyConfig);
    assert.equal((await pushManifest(site, artifact(), 'v1')).status, 201);
    const built = await makeImage('built');
    await publish(site.root, built);
    const served = async (): Promise<Buffer> => (await ask(site.url, '/v2/app/manifests/v1')).body;
    assert.ok((await served()).equals(built.manifest));
    const refused = await pushManifest(site, artifact({ annotations: { a: 'b' } }), 'v1');
    assert.equal(refused.status, 403);
    for (const reference of ['v1', digestOf(built.manifest)])
      assert.equal((await site.push('DELETE', `/v2/app/manifests/${reference}`)).status, 403);
    assert.equal((await site.push('DELETE', `/v2/app/blobs/${digestOf(built.layer)}`)).status, 403);
    assert.ok((await served()).equals(built.manifest));
  });

  test('by SHA-512 is found by SHA-512', async (t) => {
    const site = await pushSite(t);
    const digest = `sha512:${createHash('sha512').update(emptyConfig).digest('hex')}`;
    const { status } = await site.push('POST', `/v2/app/blobs/uploads/?digest=${digest}`, {
      body: emptyConfig,
    });
    assert.equal(status, 201);
    assert.ok((await ask(site.url, `/v2/app/blobs/${digest}`)).body.equals(emptyConfig));
    assert.equal((await ask(site.url, `/v2/app/blobs/${digestOf(emptyConfig)}`)).status, 404);
  });
});

describe('referrers', () => {
  test('are listed by their subject, there or not, and by type, in pages', async (t) => {
    const site = await pushSite(t);
    await pushBlob(site, emptyConfig);
    const subject = digestOf(Buffer.from('not here'));
    const annotations = { filler: 'x'.repeat(1_500_000) };
    const pushed: string[] = [];
    for (const artifactType of ['text/a', 'text/a', 'text/a', 'text/b', undefined]) {
      const fields = { subject: { mediaType: manifestType, digest: subject, size: 1 } };
      const bytes = artifact({
        ...fields,
        artifactType,
        annotations: { ...annotations, n: String(pushed.length) },
      });
      const answer = await pushManifest(site, bytes, digestOf(bytes));
      assert.equal(answer.headers['oci-subject'], subject);
      pushed.push(digestOf(bytes));
    }
    const list = async (
      query: string,
    ): Promise<{ digests: string[]; types: Set<unknown>; answer: Answer }> => {
      const answer = await ask(site.url, `/v2/app/referrers/${subject}${query}`);
      assert.equal(answer.status, 200);
      const { manifests }: { manifests: { digest: string; artifactType: string }[] } = JSON.parse(
        String(answer.body),
      );
      const types = new Set(manifests.map(({ artifactType }) => artifactType));
      return { digests: manifests.map(({ digest }) => digest), types, answer };
    };
    const only = await list('?artifactType=text/b');
    assert.deepEqual([...only.types], ['text/b']);
    assert.equal(only.answer.headers['oci-filters-applied'], 'artifactType');
    assert.deepEqual(
      [...(await list(`?artifactType=${encodeURIComponent(configType)}`)).types],
      [configType],
    );
    const all: string[] = [];
    for (let query: string | undefined = ''; query !== undefined; ) {
      const { digests, answer } = await list(query);
      assert.ok(answer.body.length <= 4 * 1024 * 1024);
      all.push(...digests);
      query = /(\?[^>]*)>; rel="next"/.exec(String(answer.headers['link']))?.[1];
    }
    assert.deepEqual(all, pushed.toSorted());
    await site.push('DELETE', `/v2/app/manifests/${pushed[0]}`);
    assert.ok(!(await list('')).digests.includes(pushed[0] ?? ''));
  });
});

describe("a tree whose folders lead into another tenant's", () => {
  for (const folder of ['tmp', 'blobs/sha256', 'images/app/pushed', 'images/app/tags', 'images/app/tags/v1'])
    test(folder, async (t) => {
      const site = await pushSite(t);
      await writeNamespace(site.root, 'victim');
      const victim = join(site.root, 'victim', folder);
      await mkdir(victim, { recursive: true });
      await mkdir(join(site.root, 'default', folder, '..'), { recursive: true });
      await rename(join(site.root, 'default', folder), join(site.root, 'aside')).catch(() => {});
      await symlink(victim, join(site.root, 'default', folder));
      const blob = await site.push('POST', `/v2/app/blobs/uploads/?digest=${digestOf(emptyConfig)}`, {
        body: emptyConfig,
      });
      const manifest = await pushManifest(site, artifact(), 'v1');
      assert.ok(blob.status === 403 || manifest.status === 403);
      assert.deepEqual(await readdir(victim), []);
    });
});
