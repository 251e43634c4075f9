import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { startContainerd } from '../support/containerd.ts';
import { digestOf } from './support/memoryImages.ts';
import { type Site, serveVolume } from './support/site.ts';
import { makeImage, publish, type WrittenImage } from './support/volume.ts';

const crane = new URL('../../.cache/bin/crane', import.meta.url).pathname;
const token = 'a-token';

/** A served volume that takes pushes, with `app:v1` on it. */
async function pushSite(t: TestContext): Promise<Site & { readonly image: WrittenImage }> {
  const site = await serveVolume(t, { pushToken: token });
  const image = await makeImage('one');
  await publish(site.root, image);
  return { ...site, image };
}

test('skopeo copies, with a token and not without, and deletes', async (t) => {
  const { host, image } = await pushSite(t);
  const source = ['--src-tls-verify=false', '--dest-tls-verify=false', `docker://${host}/app:v1`];
  const target = `docker://${host}/mirror:v1`;
  assert.notEqual((await execa('skopeo', ['copy', ...source, target], { reject: false })).exitCode, 0);
  await execa('skopeo', ['copy', `--dest-creds=any:${token}`, ...source, target]);
  const { stdout } = await execa('skopeo', ['inspect', '--tls-verify=false', target]);
  assert.equal(JSON.parse(stdout).Digest, digestOf(image.manifest));
  await execa('skopeo', ['delete', '--tls-verify=false', `--creds=any:${token}`, target]);
  assert.notEqual(
    (await execa('skopeo', ['inspect', '--tls-verify=false', target], { reject: false })).exitCode,
    0,
  );
});

describe('crane', {
  skip: existsSync(crane) ? false : 'no .cache/bin/crane: npm run setup fetches it',
}, () => {
  test('logs in, copies, tags, lists and validates', async (t) => {
    const { host, image } = await pushSite(t);
    const home = await mkdtemp(join(tmpdir(), 'niximage-crane-'));
    t.after(() => rm(home, { recursive: true, force: true }));
    const run = async (...words: string[]): Promise<string> =>
      (await execa(crane, words, { env: { DOCKER_CONFIG: home } })).stdout;
    // Before it knows a token it still reads, though the ping asks for one.
    assert.equal(await run('digest', '--insecure', `${host}/app:v1`), digestOf(image.manifest));
    await run('auth', 'login', '--insecure', host, '--username=any', `--password=${token}`);
    await run('copy', '--insecure', `${host}/app:v1`, `${host}/mirror:v1`);
    await run('tag', '--insecure', `${host}/mirror:v1`, 'latest');
    assert.deepEqual((await run('ls', '--insecure', `${host}/mirror`)).split('\n'), ['latest', 'v1']);
    await run('validate', '--insecure', '--remote', `${host}/mirror:latest`);
  });
});

test('containerd pulls without a token', async (t) => {
  const { host, image } = await pushSite(t);
  const containerd = await startContainerd(t);
  await containerd.ctr('images', 'pull', '--plain-http', '--snapshotter=native', `${host}/app:v1`);
  assert.ok((await containerd.ctr('content', 'ls', '-q')).includes(digestOf(image.layer)));
});
