import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { only, packageSetNix } from './support/nix.ts';

interface Conf {
  readonly store_layers: readonly (readonly string[])[];
  readonly [key: string]: unknown;
}

async function confOf(image: string): Promise<Conf> {
  const { build } = await packageSetNix();
  return JSON.parse(await readFile(only(await build(`(${image}).stream.conf`)), 'utf8')) as Conf;
}

const image = (more: string): string =>
  `dockerTools.buildLayeredImage { name = "Some-Image"; tag = "v1"; contents = [ jq bash ]; ${more} }`;

describe("an image's conf", () => {
  test("has nixpkgs' keys, and its defaults", async () => {
    const { store_layers, customisation_layer, architecture, ...rest } = await confOf(image(''));
    assert.ok(store_layers.length > 0);
    assert.match(String(customisation_layer), /^\/nix\/store\/.*-customisation-layer$/);
    assert.match(String(architecture), /^(amd64|arm64)$/);
    assert.deepEqual(rest, {
      config: {},
      os: 'linux',
      store_dir: '/nix/store',
      from_image: null,
      repo_tag: 'some-image:v1',
      created: '1970-01-01T00:00:01+00:00',
      mtime: '1970-01-01T00:00:01+00:00',
      uid: '0',
      gid: '0',
      uname: 'root',
      gname: 'root',
    });
  });

  test('holds each path of the closure once, one a layer', async () => {
    const { build } = await packageSetNix();
    const { stdout } = await execa('nix-store', ['--query', '--requisites', ...(await build('[ jq bash ]'))]);
    const { store_layers } = await confOf(image(''));
    assert.deepEqual(store_layers.flat().sort(), stdout.split('\n').sort());
    assert.ok(store_layers.every((layer) => layer.length === 1));
  });

  test('gathers in the last layer what maxLayers leaves over', async () => {
    const all = await confOf(image(''));
    const few = await confOf(image('maxLayers = 4;'));
    assert.deepEqual(
      few.store_layers.map((layer) => layer.length),
      [1, 1, all.store_layers.length - 2],
    );
    assert.deepEqual(few.store_layers.flat(), all.store_layers.flat());
  });

  const rows = [
    { more: 'created = "now";', key: 'created', value: 'now', reason: 'now is left to the reader' },
    {
      more: 'mtime = "2024-02-03T04:05:06Z";',
      key: 'mtime',
      value: '2024-02-03T04:05:06+00:00',
      reason: 'a time of its own',
    },
    { more: 'uid = 1000;', key: 'uid', value: '1000', reason: 'numbers become texts' },
    { more: 'includeStorePaths = false;', key: 'store_layers', value: [], reason: 'no store paths' },
    {
      more: 'architecture = "riscv64";',
      key: 'architecture',
      value: 'riscv64',
      reason: 'another architecture',
    },
    {
      more: 'config = { Env = [ "A=\\"\\${b} é\\n\'\'" ]; };',
      key: 'config',
      value: { Env: ["A=\"${b} é\n''"] },
      reason: 'the configuration comes through as it is',
    },
  ] as const;
  for (const { more, key, value, reason } of rows)
    test(reason, async () => {
      assert.deepEqual((await confOf(image(more)))[key], value);
    });

  test('is empty of store paths where there are no contents', async () => {
    assert.deepEqual((await confOf('dockerTools.buildLayeredImage { name = "none"; }')).store_layers, []);
  });

  test('what only the configuration names is in the image', async () => {
    const { store_layers } = await confOf(
      'dockerTools.buildLayeredImage { name = "a"; tag = "b"; config.Cmd = [ "${hello}/bin/hello" ]; }',
    );
    assert.ok(store_layers.flat().some((path) => /-hello-/.test(path)));
  });

  test('without a tag it is a hash, the same in imageTag and in the file', async () => {
    const { evaluate } = await packageSetNix();
    const untagged = 'dockerTools.buildLayeredImage { name = "a"; contents = [ jq ]; }';
    const tag = await evaluate(`(${untagged}).imageTag`);
    assert.match(String(tag), /^[a-z0-9]{32}$/);
    assert.equal((await confOf(untagged))['repo_tag'], `a:${String(tag)}`);
  });

  test('five thousand contents are not too many', async () => {
    const { store_layers } = await confOf(
      'dockerTools.buildLayeredImage { name = "a"; tag = "b"; contents = builtins.genList (_: bash) 5000; }',
    );
    assert.equal(store_layers.length, 3);
  });
});
