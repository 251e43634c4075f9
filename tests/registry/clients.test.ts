import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { startContainerd } from '../support/containerd.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { cuttingProxy } from './support/cuttingProxy.ts';
import { digestOf } from './support/memoryImages.ts';
import { type Site, serveVolume } from './support/site.ts';
import { makeImage, publish, type WrittenImage, writeNamespace } from './support/volume.ts';

const crane = new URL('../../.cache/bin/crane', import.meta.url).pathname;

const pull = ['images', 'pull', '--plain-http', '--snapshotter=native'] as const;

/** A served volume with `app:v1`, `app:v2` and `team/tool:v1`, the last with a layer of 8 MB. */
async function serveImages(t: TestContext): Promise<Site & { first: WrittenImage; large: WrittenImage }> {
  const site = await serveVolume(t);
  const first = await makeImage('one');
  const large = await makeImage(randomBytes(8_000_000));
  await publish(site.root, first);
  await publish(site.root, await makeImage('two'), { tag: 'v2' });
  await writeNamespace(site.root, 'team');
  await publish(site.root, large, { namespace: 'team', name: 'tool' });
  return { ...site, first, large };
}

describe('skopeo', () => {
  test('inspects by tag and by digest, lists tags, and copies every byte', async (t) => {
    const { host, first, large } = await serveImages(t);
    const folder = await temporaryFolder(t);
    const digest = digestOf(first.manifest);
    for (const reference of ['app:v1', `app@${digest}`]) {
      const { stdout } = await execa('skopeo', [
        'inspect',
        '--tls-verify=false',
        `docker://${host}/${reference}`,
      ]);
      assert.equal(JSON.parse(stdout).Digest, digest);
    }
    const { stdout } = await execa('skopeo', ['list-tags', '--tls-verify=false', `docker://${host}/app`]);
    assert.deepEqual(JSON.parse(stdout).Tags, ['v1', 'v2']);
    const copied = join(folder, 'copy');
    await execa('skopeo', [
      'copy',
      '--src-tls-verify=false',
      `docker://${host}/team/tool:v1`,
      `dir:${copied}`,
    ]);
    for (const bytes of [large.config, large.layer])
      assert.ok(existsSync(join(copied, digestOf(bytes).slice('sha256:'.length))));
  });

  test('says in its own words that there is no such tag', async (t) => {
    const { host } = await serveImages(t);
    const { stderr, exitCode } = await execa(
      'skopeo',
      ['inspect', '--tls-verify=false', `docker://${host}/app:v9`],
      { reject: false },
    );
    assert.equal(exitCode, 1);
    assert.match(stderr, /manifest unknown: the image app has no v9|has no v9/);
  });
});

describe('crane', {
  skip: existsSync(crane) ? false : 'no .cache/bin/crane: npm run setup fetches it',
}, () => {
  test('digests, lists, validates and pulls', async (t) => {
    const { host, first } = await serveImages(t);
    const folder = await temporaryFolder(t);
    const run = async (...words: string[]): Promise<string> => (await execa(crane, words)).stdout;
    assert.equal(await run('digest', '--insecure', `${host}/app:v1`), digestOf(first.manifest));
    assert.equal(await run('manifest', '--insecure', `${host}/app:v1`), first.manifest.toString());
    assert.deepEqual((await run('ls', '--insecure', `${host}/app`)).split('\n'), ['v1', 'v2']);
    await run('validate', '--insecure', '--remote', `${host}/team/tool:v1`);
    await run('pull', '--insecure', '--format=oci', `${host}/team/tool:v1`, join(folder, 'layout'));
  });
});

const rootless = process.getuid?.() === 0 ? false : "a mount needs root, or a user namespace of one's own";

describe('podman and buildah', { skip: rootless }, () => {
  test('podman pulls by tag and by digest, inspects, and reads what is in the image', async (t) => {
    const { host, first } = await serveImages(t);
    const run = await withStorage(t, 'podman');
    const digest = digestOf(first.manifest);
    await run('pull', '--quiet', '--tls-verify=false', `${host}/app@${digest}`);
    await run('pull', '--quiet', '--tls-verify=false', `${host}/app:v1`);
    assert.equal(await run('image', 'inspect', '--format={{.Digest}}', `${host}/app:v1`), digest);
    await run('pull', '--quiet', '--tls-verify=false', `${host}/team/tool:v1`);
    const mounted = await run('image', 'mount', `${host}/app:v1`);
    assert.equal(await readFile(join(mounted, 'hello.txt'), 'utf8'), 'one');
    await run('image', 'unmount', '--all');
  });

  test('buildah makes another image from one of ours', async (t) => {
    const { host, first } = await serveImages(t);
    const run = await withStorage(t, 'buildah');
    const container = await run(
      'from',
      '--tls-verify=false',
      '--quiet',
      `${host}/app@${digestOf(first.manifest)}`,
    );
    assert.equal(await readFile(join(await run('mount', container), 'hello.txt'), 'utf8'), 'one');
    await run('commit', '--quiet', container, 'another');
    assert.match(await run('images', '--format={{.Name}}'), /another/);
    await run('rm', '--all');
  });
});

/** Runs one of both on a storage that goes with the test. */
async function withStorage(
  t: TestContext,
  program: string,
): Promise<(...words: string[]) => Promise<string>> {
  const folder = await temporaryFolder(t);
  const storage = [`--root=${folder}/root`, `--runroot=${folder}/run`, '--storage-driver=vfs'];
  return async (...words) => (await execa(program, [...storage, ...words])).stdout;
}

/** `npm run test:conformance` builds them. */
const newer = new URL('../../.cache/bin/newer/', import.meta.url).pathname;

const containerds = [
  { title: "containerd, Debian's", programs: undefined, skip: false },
  {
    title: 'a newer containerd',
    programs: { containerd: `${newer}containerd`, ctr: `${newer}ctr` },
    skip: existsSync(`${newer}ctr`) ? false : 'npm run test:conformance builds it',
  },
] as const;

for (const { title, programs, skip } of containerds)
  describe(title, { skip }, () => {
    test('goes on where a connection was cut', async (t) => {
      const { host, large } = await serveImages(t);
      const proxy = await cuttingProxy(t, Number(host.split(':')[1]), { bytes: 3_000_000, times: 2 });
      const containerd = await startContainerd(t, programs);
      await containerd.ctr(...pull, `${proxy.host}/team/tool:v1`);
      const content = await containerd.ctr('content', 'ls', '-q');
      assert.ok(content.includes(digestOf(large.layer)));
      assert.equal(proxy.cuts(), 2);
      assert.match(proxy.asked(), /^range: bytes=\d{6,}-\r$/im);
    });

    test('pulls by tag and by digest, and unpacks', async (t) => {
      const { host, first, large } = await serveImages(t);
      const containerd = await startContainerd(t, programs);
      await containerd.ctr(...pull, `${host}/app:v1`);
      await containerd.ctr(...pull, `${host}/app@${digestOf(first.manifest)}`);
      await containerd.ctr(...pull, `${host}/team/tool:v1`);
      const content = await containerd.ctr('content', 'ls', '-q');
      for (const bytes of [first.layer, large.layer, large.config, large.manifest])
        assert.ok(content.includes(digestOf(bytes)));
      // The image has one layer, so that its snapshot bears the layer's name.
      const { rootfs }: { rootfs: { diff_ids: readonly string[] } } = JSON.parse(first.config.toString());
      const view = ['snapshots', '--snapshotter=native', 'view', '--target=/nowhere', 'view'];
      const mount = await containerd.ctr(...view, String(rootfs.diff_ids[0]));
      const folder = /^mount -t \S+ (\S+) \/nowhere/.exec(mount)?.[1] ?? '';
      assert.equal(await readFile(join(folder, 'hello.txt'), 'utf8'), 'one', mount);
    });
  });
