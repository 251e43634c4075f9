import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstat, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { freePort } from '../../cli/up/ports.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { built, configOf, unpacked } from './support/builds.ts';
import { lastFirst } from './support/cleanup.ts';
import { manifest } from './support/manifest.ts';
import { niximage, Session } from './support/program.ts';
import { digestOf } from './support/registry.ts';

test('arguments of buildLayeredImage: times, owners, scripts, architecture', async (t) => {
  const folder = await built(t, {
    contents: ['hello'],
    created: '2026-01-31T12:00:00Z',
    mtime: '2001-02-03T04:05:06Z',
    uid: 7,
    gid: 8,
    architecture: 'arm64',
    maxLayers: 5,
    compressor: 'zstd',
    extraCommands: 'mkdir dev\necho "$((6 * 7))" > answer',
    fakeRootCommands: 'mknod dev/null c 1 3\nchown 70:71 answer\n',
  });
  const config = await configOf(folder);
  assert.deepEqual(
    { created: config['created'], architecture: config['architecture'] },
    { created: '2026-01-31T12:00:00Z', architecture: 'arm64' },
  );
  const root = await unpacked(folder);
  const found = async (path: string) => {
    const { uid, gid, mtimeMs } = await lstat(join(root, path));
    return { uid, gid, mtime: new Date(mtimeMs).toISOString() };
  };
  const mtime = '2001-02-03T04:05:06.000Z';
  assert.deepEqual(await found('nix/store'), { uid: 7, gid: 8, mtime });
  assert.deepEqual(await found('answer'), { uid: 70, gid: 71, mtime });
  assert.ok((await lstat(join(root, 'dev/null'))).isCharacterDevice());
});

test('an image without its packages holds links to them only', async (t) => {
  const root = await unpacked(
    await built(t, { contents: ['hello'], includeStorePaths: false, defaults: false }),
  );
  assert.ok((await lstat(join(root, 'bin/hello'))).isSymbolicLink());
  await assert.rejects(lstat(join(root, 'nix')), { code: 'ENOENT' });
});

test('files from a ConfigMap that stands beside the image', async (t) => {
  const cwd = await temporaryFolder(t);
  const configMap = stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'app' },
    data: { 'a.conf': 'one\n', 'b.conf': '${two}' },
  });
  const image = manifest('x', {
    contents: ['hello'],
    files: [
      { path: '/etc/app', configMap: { name: 'app' } },
      { path: '/etc/one', configMap: { name: 'app', key: 'a.conf' } },
    ],
    defaults: false,
  });
  await writeFile(join(cwd, 'x.yaml'), `${configMap}---\n${image}`);
  const words = ['build', '--nixpkgs', 'demo', '--store', join(cwd, 'store'), '--output', 'x.tar', 'x.yaml'];
  const { exitCode, stderr } = await niximage(words, { cwd });
  assert.equal(exitCode, 0, stderr);
  const root = await unpacked(cwd);
  const text = async (path: string) => readFile(join(root, await readlink(join(root, path))), 'utf8');
  assert.equal(await text('etc/app/a.conf'), 'one\n');
  assert.equal(await text('etc/app/b.conf'), '${two}');
  assert.equal(await text('etc/one'), 'one\n');
  await writeFile(join(cwd, 'x.yaml'), image);
  const missing = await niximage(words, { cwd });
  assert.match(missing.stderr, /there is no ConfigMap app in this namespace/);
  const valid = await niximage(['validate', 'x.yaml'], { cwd });
  assert.equal(valid.exitCode, 0, valid.stderr);
});

test('an image lies upon one that is pulled by its digest', async (t) => {
  const { after } = lastFirst(t);
  const cwd = await temporaryFolder({ after });
  const port = String(await freePort());
  // skopeo puts no layers in zstd into an archive.
  const base = { contents: ['hello'], compression: 'gzip', defaults: false };
  await writeFile(join(cwd, 'base.yaml'), manifest('base', base));
  const session = Session.start({ after }, ['--nixpkgs', 'demo', '--port', port, 'base.yaml'], { cwd });
  await session.says(/is Built\. To run it/);
  const imageName = `127.0.0.1:${port}/base`;
  const imageDigest = (await digestOf(Number(port), 'base', 'latest')) ?? '';
  // What `nix-prefetch-docker` does to tell the hash.
  const from = `docker://${imageName}@${imageDigest}`;
  const archive = join(cwd, 'base.tar');
  const words = ['copy', '--src-tls-verify=false', from, `docker-archive:${archive}:${imageName}:latest`];
  await execa('skopeo', words);
  const hash = `sha256-${createHash('sha256')
    .update(await readFile(archive))
    .digest('base64')}`;
  const fromImage = { imageName, imageDigest, hash, tlsVerify: false };
  const root = await unpacked(await built(t, { contents: ['jq'], fromImage, defaults: false }));
  for (const program of ['hello', 'jq']) await lstat(join(root, 'bin', program));
});
