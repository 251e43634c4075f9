import assert from 'node:assert/strict';
import { lstat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { temporaryFolder } from '../support/tmp.ts';
import { manifest } from './support/manifest.ts';
import { niximage } from './support/program.ts';

type Data = Readonly<Record<string, unknown>>;

/** Builds one image with real Nix. @returns the folder with the OCI archive `x.tar`. */
async function built(t: TestContext, data: Data): Promise<string> {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'x.yaml'), manifest('x', data));
  const words = ['build', '--nixpkgs', 'demo', '--store', join(cwd, 'store'), '--output', 'x.tar', 'x.yaml'];
  const { exitCode, stderr } = await niximage(words, { cwd });
  assert.equal(exitCode, 0, stderr);
  return cwd;
}

async function configOf(folder: string): Promise<Record<string, unknown>> {
  const { stdout } = await execa('skopeo', ['inspect', '--config', `oci-archive:${join(folder, 'x.tar')}`]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The root folder that the image gives. */
async function unpacked(folder: string): Promise<string> {
  const layout = join(folder, 'layout');
  await execa('skopeo', [
    'copy',
    '--dest-compress-format=gzip',
    `oci-archive:${join(folder, 'x.tar')}`,
    `oci:${layout}:x`,
  ]);
  await execa('umoci', ['unpack', '--image', `${layout}:x`, join(folder, 'bundle')]);
  return join(folder, 'bundle', 'rootfs');
}

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
