import assert from 'node:assert/strict';
import { lstat, mkdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gitRepository } from '../support/gitRepository.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { built, configOf, type Data, refused, unpacked } from './support/builds.ts';

const greeting = `final: prev: {
  greeting = final.writeScriptBin "greeting" ''
    #!/bin/sh
    echo \${final.word}
  '';
  word = "first";
}
`;

test('overlays are laid upon the packages in their order', async (t) => {
  const root = await unpacked(
    await built(t, {
      contents: ['greeting'],
      overlays: [{ inline: greeting }, { inline: 'final: prev: { word = prev.word + "-second"; }' }],
      defaults: false,
    }),
  );
  const file = join(root, await readlink(join(root, 'bin/greeting')));
  assert.match(await readFile(file, 'utf8'), /echo first-second/);
});

test('an image lies upon another that an overlay makes', async (t) => {
  const base = `final: prev: {
    base = final.dockerTools.buildLayeredImage {
      name = "base";
      contents = [ final.hello ];
      config.Env = [ "FROM=base" ];
    };
  }`;
  const folder = await built(t, {
    contents: ['jq'],
    fromImage: { attribute: 'base' },
    overlays: [{ inline: base }],
    defaults: false,
  });
  assert.deepEqual((await configOf(folder))['config'], {
    Env: ['FROM=base'],
    Labels: { 'k8s.nixos.org/package-set': 'demo' },
  });
  const root = await unpacked(folder);
  for (const program of ['hello', 'jq']) await lstat(join(root, 'bin', program));
});

test('an expression of its own is the image', async (t) => {
  const folder = await built(t, {
    tag: 'v1',
    expression: {
      inline: `{ pkgs }:
        pkgs.dockerTools.buildLayeredImage {
          name = "any";
          contents = [ pkgs.hello ];
          config.Cmd = [ "hello" ];
        }`,
    },
  });
  assert.deepEqual((await configOf(folder))['config'], {
    Cmd: ['hello'],
    Labels: { 'k8s.nixos.org/package-set': 'demo' },
  });
});

describe("what is wrong in the manifest's own Nix code is told by its own line", () => {
  const rows: { reason: string; data: Data; says: RegExp }[] = [
    {
      reason: 'a missing attribute in an overlay',
      data: {
        contents: ['greeting'],
        overlays: [{ inline: greeting }, { inline: 'final: prev: {\n  greeting =\n    prev.nope;\n}\n' }],
      },
      says: /attribute 'nope' missing \(data\.overlays\[1\], line 3\)/,
    },
    {
      reason: 'a syntax error in an overlay',
      data: { contents: ['hello'], overlays: [{ inline: 'final: prev: {\n  a = 1\n}\n' }] },
      says: /syntax error, .* \(data\.overlays\[0\], line 3\)/,
    },
    {
      reason: 'an undefined variable in an expression',
      data: { expression: { inline: '{ pkgs }:\npkg.hello\n' } },
      says: /undefined variable 'pkg' \(data\.expression, line 2\)/,
    },
    {
      reason: 'an endless recursion',
      data: {
        contents: ['a'],
        overlays: [{ inline: 'final: prev: {\n  a = final.b;\n  b = final.a;\n}\n' }],
      },
      says: /data\.contents: a: .*infinite recursion/,
    },
    {
      reason: 'an expression that gives a package',
      data: { expression: { inline: '{ pkgs }: pkgs.hello' } },
      says: /data\.expression gives no image; it is to give what dockerTools\.buildLayeredImage gives/,
    },
  ];
  for (const { reason, data, says } of rows)
    test(reason, async (t) => assert.match(await refused(t, data), says));
});

test('packages, an overlay and an expression from a repository, a tarball and a flake', async (t) => {
  const repository = await gitRepository(t);
  const system = '${system}';
  const rev = await repository.commit({
    'default.nix': '{ hello }: { cli = hello; }',
    'overlay.nix': 'final: prev: { renamed = prev.jq; }',
    'image.nix': '{ pkgs }: pkgs.dockerTools.buildLayeredImage { name = "i"; contents = [ pkgs.renamed ]; }',
    'flake.nix': `{ outputs = { self }: { packages = builtins.mapAttrs (system: _: { own = derivation {
      name = "own"; inherit system; builder = "/bin/sh"; args = [ "-c" "/bin/mkdir $out; echo ${system} > $out/own" ];
    }; }) { x86_64-linux = 1; aarch64-linux = 1; }; }; }`,
  });
  const tarball = join(await temporaryFolder(t), 'tools.tar.gz');
  await repository.git('archive', '--prefix=tools/', '--output', tarball, rev);
  const sources = [
    { name: 'tools', git: { url: repository.url, rev } },
    { name: 'packed', tarball: { url: `file://${tarball}` } },
    { name: 'flaked', flake: `git+${repository.url}` },
  ];
  const overlays = [{ source: 'tools', path: 'overlay.nix' }];
  const contents = ['tools.cli', 'flaked.own', 'renamed'];
  const root = await unpacked(await built(t, { contents, sources, overlays, defaults: false }));
  for (const path of ['bin/hello', 'bin/jq', 'own']) await lstat(join(root, path));
  const expression = { source: 'packed', path: 'image.nix' };
  const image = await unpacked(await built(t, { expression, sources, overlays }));
  await lstat(join(image, 'bin/jq'));
});

test('packages and overlays from ConfigMaps, from the manifest and from a volume', async (t) => {
  const root = await temporaryFolder(t);
  await mkdir(join(root, 'team-a/shared'), { recursive: true });
  await writeFile(join(root, 'team-a/shared/default.nix'), '{ bash }: { shell = bash; }');
  const lib = { 'default.nix': '{ hello }: { cli = hello; word = import ./word.nix; }', 'word.nix': '"one"' };
  const overlays = [
    { source: 'mapped', path: 'word.nix' },
    { configMap: { name: 'overlays', key: 'second' } },
    { inline: 'final: prev: { words = prev.words + "-three"; said = final.writeText "said" final.words; }' },
  ];
  const data = {
    contents: ['mapped.cli', 'shared.shell', 'told'],
    sources: [
      { name: 'mapped', configMap: { name: 'lib' } },
      {
        name: 'written',
        files: [
          { path: 'lib/a.nix', text: 'final: prev: { told = final.writeTextDir "told" final.words; }' },
        ],
      },
      { name: 'shared', volume: { name: 'checkouts', path: 'team-a/shared' } },
    ],
    overlays: [...overlays, { source: 'written', path: 'lib/a.nix' }],
    defaults: false,
  };
  const overlay = (word: string) => `final: prev: { words = ${word}; }`;
  const configMaps = {
    lib: { ...lib, 'word.nix': overlay('"one"') },
    overlays: { second: overlay('prev.words + "-two"') },
  };
  const lent = { checkouts: { volume: { hostPath: { path: root } }, paths: ['team-a'] } };
  const words = ['--source-volumes', JSON.stringify(lent)];
  const image = await unpacked(await built(t, data, { configMaps, words }));
  for (const path of ['bin/hello', 'bin/bash']) await lstat(join(image, path));
  const told = await readFile(join(image, await readlink(join(image, 'told'))), 'utf8');
  assert.equal(told, 'one-two-three');
  assert.match(
    await refused(t, data, { configMaps }),
    /--source-volumes names no folder of this machine for checkouts/,
  );
});

test('what is wrong in a source is told by its file and line', async (t) => {
  const repository = await gitRepository(t);
  await repository.commit({ 'default.nix': 'final: prev: {\n  hello = prev.nope;\n}\n' });
  const sources = [{ name: 'mine', git: { url: repository.url } }];
  assert.match(
    await refused(t, { contents: ['hello'], sources, overlays: [{ source: 'mine' }] }),
    /attribute 'nope' missing \(mine\/default\.nix, line 2\)/,
  );
});
