import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { temporaryFolder } from '../support/tmp.ts';
import { only, packageSetNix } from './support/nix.ts';

interface Image {
  readonly tags: readonly string[];
  readonly layers: readonly string[];
  readonly diffIds: readonly string[];
  readonly env: readonly string[];
}

async function open(archive: string, folder: string): Promise<Image> {
  await execa('tar', ['-xf', archive, '-C', folder]);
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, name), 'utf8'));
  const [{ Config, RepoTags, Layers }] = (await read('manifest.json')) as [
    { Config: string; RepoTags: string[]; Layers: string[] },
  ];
  const config = (await read(Config)) as { rootfs: { diff_ids: string[] }; config: { Env?: string[] } };
  return { tags: RepoTags, layers: Layers, diffIds: config.rootfs.diff_ids, env: config.config.Env ?? [] };
}

const jqImage = `dockerTools.buildLayeredImage {
  name = "base"; tag = "v1"; contents = [ jq ]; config.Env = [ "A=base" "B=base" ];
}`;

test('the archive names its layers, and each has the digest that the configuration says', async (t) => {
  const folder = await temporaryFolder(t);
  const { build } = await packageSetNix();
  const { tags, layers, diffIds } = await open(only(await build(jqImage)), folder);
  assert.deepEqual(tags, ['base:v1']);
  assert.equal(layers.length, 5);
  const digests = await Promise.all(
    layers.map(async (layer) =>
      createHash('sha256')
        .update(await readFile(join(folder, layer)))
        .digest('hex'),
    ),
  );
  assert.deepEqual(
    diffIds,
    digests.map((digest) => `sha256:${digest}`),
  );
});

test('fromImage: its layers stay below, they count, and of two settings of a variable the later wins', async (t) => {
  const { build } = await packageSetNix();
  const base = await open(only(await build(jqImage)), await temporaryFolder(t));
  const above = `dockerTools.buildLayeredImage {
    name = "above"; tag = "v2"; fromImage = ${jqImage}; contents = [ bash hello ]; maxLayers = 8;
    config.Env = [ "B=above" ];
  }`;
  const image = await open(only(await build(above)), await temporaryFolder(t));
  assert.deepEqual(image.diffIds.slice(0, 5), base.diffIds);
  assert.equal(image.diffIds.length, 8);
  assert.deepEqual(image.env, ['A=base', 'B=above']);
});

test('commands change the last layer, and owners are kept by fakeroot', async (t) => {
  const folder = await temporaryFolder(t);
  const { build } = await packageSetNix();
  const image = `dockerTools.buildLayeredImage {
    name = "commands"; tag = "v1"; contents = [ hello ];
    extraCommands = "mkdir -m 1777 tmp";
    fakeRootCommands = "mkdir home; chown 1000:1001 home";
  }`;
  const { layers } = await open(only(await build(image)), folder);
  const { stdout } = await execa('tar', ['-tvf', join(folder, layers.at(-1) ?? ''), '--numeric-owner']);
  assert.match(stdout, /^drwxrwxrwt 0\/0 .* \.\/tmp\/$/m);
  assert.match(stdout, /^drwxr-xr-x 1000\/1001 .* \.\/home\/$/m);
  assert.match(stdout, /\.\/bin\/hello -> \/nix\/store\/.*-hello-.*\/bin\/hello$/m);
});
