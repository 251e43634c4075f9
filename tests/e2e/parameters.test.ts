import assert from 'node:assert/strict';
import { lstat, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { gitRepository } from '../support/gitRepository.ts';
import { nixConfig } from '../support/nixConfig.ts';
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

/** What is said of an image that cannot be built. */
async function refused(t: TestContext, data: Data): Promise<string> {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'x.yaml'), manifest('x', data));
  const words = ['build', '--nixpkgs', 'demo', '--store', join(cwd, 'store'), 'x.yaml'];
  const { exitCode, stderr } = await niximage(words, { cwd });
  assert.equal(exitCode, 1);
  return stderr;
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

describe('a package that nixpkgs refuses fails with the setting that allows it', () => {
  const rows: { name: string; says: RegExp; setting: Data }[] = [
    {
      name: 'proprietary',
      says: /nixpkgsConfig: \{allowUnfreePackages: \[proprietary\]\}/,
      setting: { allowUnfreePackages: ['proprietary'] },
    },
    {
      name: 'insecure',
      says: /nixpkgsConfig: \{permittedInsecurePackages: \[insecure-1\.0\]\}/,
      setting: { permittedInsecurePackages: ['insecure-1.0'] },
    },
    {
      name: 'marked-broken',
      says: /nixpkgsConfig: \{allowBroken: true\}/,
      setting: { allowBroken: true },
    },
    {
      name: 'unsupported',
      says: /nixpkgsConfig: \{allowUnsupportedSystem: true\}/,
      setting: { allowUnsupportedSystem: true },
    },
  ];
  for (const { name, says } of rows)
    test(name, async (t) => assert.match(await refused(t, { contents: [name] }), says));

  test('with the settings all of them build', async (t) => {
    const nixpkgsConfig = Object.assign({}, ...rows.map(({ setting }) => setting));
    await built(t, { contents: rows.map(({ name }) => name), nixpkgsConfig, defaults: false });
  });
});

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

test('what is wrong in a source is told by its file and line', async (t) => {
  const repository = await gitRepository(t);
  await repository.commit({ 'default.nix': 'final: prev: {\n  hello = prev.nope;\n}\n' });
  const sources = [{ name: 'mine', git: { url: repository.url } }];
  assert.match(
    await refused(t, { contents: ['hello'], sources, overlays: [{ source: 'mine' }] }),
    /attribute 'nope' missing \(mine\/default\.nix, line 2\)/,
  );
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
    files: [{ path: '/etc/app', configMap: { name: 'app' } }],
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
  await writeFile(join(cwd, 'x.yaml'), image);
  const missing = await niximage(words, { cwd });
  assert.match(missing.stderr, /there is no ConfigMap app in this namespace/);
  const valid = await niximage(['validate', 'x.yaml'], { cwd });
  assert.equal(valid.exitCode, 0, valid.stderr);
});

test('a package comes from a binary cache whose key the manifest trusts', async (t) => {
  const folder = await temporaryFolder(t);
  const gate = join(folder, 'gate');
  await writeFile(gate, 'from the cache\n');
  // It can be built only as long as the file is there.
  const cached = `derivation {
    name = "cached"; system = builtins.currentSystem; builder = "/bin/sh";
    args = [ "-c" "/bin/mkdir $out; /bin/cat ${gate} > $out/cached" ];
  }`;
  const env = { NIX_CONFIG: nixConfig };
  const { stdout: path } = await execa('nix-build', ['--no-out-link', '-E', cached], { env });
  const [secret, known] = [join(folder, 'secret'), join(folder, 'public')];
  await execa('nix-store', ['--generate-binary-cache-key', 'test-1', secret, known], { env });
  const cache = `file://${folder}/cache`;
  const flags = [
    '--extra-experimental-features',
    'nix-command',
    'copy',
    '--to',
    `${cache}?secret-key=${secret}`,
  ];
  await execa('nix', [...flags, path], { env });
  await execa('nix-store', ['--delete', path], { env });
  await rm(gate);
  const nix = { substituters: [cache], trustedPublicKeys: [(await readFile(known, 'utf8')).trim()] };
  const data = {
    contents: ['cached'],
    overlays: [{ inline: `final: prev: { cached = ${cached}; }` }],
    defaults: false,
  };
  assert.match(await refused(t, data), /cached does not build/);
  const stranger = { ...nix, trustedPublicKeys: [`test-1:${'A'.repeat(43)}=`] };
  assert.match(await refused(t, { ...data, nix: stranger }), /cached/);
  const root = await unpacked(await built(t, { ...data, nix }));
  assert.equal(await readFile(join(root, path, 'cached'), 'utf8'), 'from the cache\n');
});
