import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { nixConfig } from '../support/nixConfig.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { built, type Data, refused, unpacked } from './support/builds.ts';

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
