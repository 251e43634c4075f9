import assert from 'node:assert/strict';
import { readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { gitRepository } from '../support/gitRepository.ts';
import { built, configOf, refused, unpacked } from './support/builds.ts';

test('all that a configuration may say stands in the image', async (t) => {
  const folder = await built(t, {
    contents: ['hello'],
    config: {
      entrypoint: ['hello', '--greeting'],
      cmd: ['${x} "y"'],
      env: [{ name: 'PRICE', value: '$5 in ${CURRENCY}' }],
      workingDir: '/srv',
      user: 'web:www',
      exposedPorts: [8080, '53/udp'],
      labels: { title: 'a "b"' },
      stopSignal: 'SIGINT',
      volumes: ['/srv/data'],
    },
    defaults: false,
  });
  assert.deepEqual((await configOf(folder))['config'], {
    Entrypoint: ['hello', '--greeting'],
    Cmd: ['${x} "y"'],
    Env: ['PRICE=$5 in ${CURRENCY}'],
    WorkingDir: '/srv',
    User: 'web:www',
    ExposedPorts: { '8080/tcp': {}, '53/udp': {} },
    Labels: { title: 'a "b"', 'k8s.nixos.org/package-set': 'demo' },
    StopSignal: 'SIGINT',
    Volumes: { '/srv/data': {} },
  });
});

test('a user with numbers and a home of its own, and a program that is written in the manifest', async (t) => {
  const folder = await built(t, {
    contents: ['hello'],
    user: { name: 'app', uid: 70, gid: 71, home: '/srv/app' },
    files: [{ path: '/bin/run', text: '#!/bin/sh\nexec hello\n', executable: true }],
    uname: 'builder',
    gname: 'builders',
  });
  const root = await unpacked(folder);
  const text = async (path: string) => {
    const link = await readlink(join(root, path)).catch(() => path);
    return await readFile(join(root, link), 'utf8');
  };
  assert.match(await text('etc/passwd'), /^app:x:70:71:[^:]*:\/srv\/app:/m);
  const { uid, gid } = await stat(join(root, 'srv/app'));
  assert.deepEqual({ uid, gid }, { uid: 70, gid: 71 });
  const program = join(root, await readlink(join(root, 'bin/run')));
  assert.equal((await stat(program)).mode & 0o111, 0o111);
  const owners = await ownersIn(folder);
  for (const owner of ['builder/builders', '70/71']) assert.ok(owners.has(owner), [...owners].join());
});

/** `user/group` of all that the image's layers hold, as their tar headers say. */
async function ownersIn(folder: string): Promise<ReadonlySet<string>> {
  const layout = JSON.parse(await readFile(join(folder, 'layout/index.json'), 'utf8'));
  const blob = (digest: string) => join(folder, 'layout/blobs/sha256', digest.replace('sha256:', ''));
  const { layers } = JSON.parse(await readFile(blob(layout.manifests[0].digest), 'utf8'));
  const lines = await Promise.all(
    layers.map(
      async ({ digest }: { digest: string }) => (await execa('tar', ['-tvzf', blob(digest)])).stdout,
    ),
  );
  return new Set(lines.flatMap((text) => text.split('\n')).map((line) => line.split(/\s+/)[1] ?? ''));
}

test("what the manifest says of nixpkgs' config is what packages see", async (t) => {
  const nixpkgsConfig = { allowUnfree: true, cudaSupport: true, slowSeconds: 7 };
  const say =
    'final.writeTextDir "said" (builtins.toJSON { inherit (final.config) cudaSupport slowSeconds; })';
  const root = await unpacked(
    await built(t, {
      contents: ['said', 'proprietary'],
      overlays: [{ inline: `final: prev: { said = ${say}; }` }],
      nixpkgsConfig,
      defaults: false,
    }),
  );
  const said = await readFile(join(root, await readlink(join(root, 'said'))), 'utf8');
  assert.deepEqual(JSON.parse(said), { cudaSupport: true, slowSeconds: 7 });
});

test('an expression from a ConfigMap is the image', async (t) => {
  const image = '{ pkgs }: pkgs.dockerTools.buildLayeredImage { name = "any"; config.Cmd = [ "a" ]; }';
  const data = { expression: { configMap: { name: 'nix', key: 'image.nix' } } };
  const folder = await built(t, data, { configMaps: { nix: { 'image.nix': image } } });
  const { Cmd } = Object((await configOf(folder))['config']);
  assert.deepEqual(Cmd, ['a']);
});

test('a repository comes with its submodules where the manifest says so', async (t) => {
  const [inner, outer] = [await gitRepository(t), await gitRepository(t)];
  await inner.commit({ 'package.nix': '{ hello }: { cli = hello; }' });
  await outer.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '--quiet', inner.url, 'sub');
  await outer.commit({ 'default.nix': '{ callPackage }: callPackage ./sub/package.nix { }' });
  const data = (submodules: boolean) => ({
    contents: ['tools.cli'],
    sources: [{ name: 'tools', git: { url: outer.url, ref: 'main', submodules } }],
    defaults: false,
  });
  // git takes no submodule from a folder, unless it is told to.
  const env = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'protocol.file.allow',
    GIT_CONFIG_VALUE_0: 'always',
  };
  const root = await unpacked(await built(t, data(true), { env }));
  assert.ok(await readlink(join(root, 'bin/hello')));
  assert.match(await refused(t, data(false), { env }), /sub\/package\.nix/);
});

describe('what the offline set cannot do fails with a sentence', () => {
  const rows = [
    { reason: 'a fake root folder', data: { enableFakechroot: true, fakeRootCommands: 'true' } },
    { reason: "Nix's database", data: { includeNixDB: true } },
  ];
  for (const { reason, data } of rows)
    test(reason, async (t) => {
      const [field = ''] = Object.keys(data);
      assert.match(await refused(t, { contents: ['hello'], ...data }), new RegExp(field));
    });
});
