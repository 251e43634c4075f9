import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { temporaryFolder } from '../../support/tmp.ts';
import { manifest } from './manifest.ts';
import { niximage, type Ran } from './program.ts';

export type Data = Readonly<Record<string, unknown>>;

/** What stands beside the manifest. */
export interface Beside {
  /** Texts by the names of their ConfigMaps. */
  readonly configMaps?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Further words of the command line. */
  readonly words?: readonly string[];
  /** Beside the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Builds one image with real Nix. @returns the folder with the OCI archive `x.tar`. */
export async function built(t: TestContext, data: Data, beside: Beside = {}): Promise<string> {
  const cwd = await temporaryFolder(t);
  const { exitCode, stderr } = await build(cwd, data, [...(beside.words ?? []), '--output', 'x.tar'], beside);
  assert.equal(exitCode, 0, stderr);
  return cwd;
}

/** What is said of an image that cannot be built. */
export async function refused(t: TestContext, data: Data, beside: Beside = {}): Promise<string> {
  const { exitCode, stderr } = await build(await temporaryFolder(t), data, beside.words ?? [], beside);
  assert.notEqual(exitCode, 0);
  return stderr;
}

async function build(
  cwd: string,
  data: Data,
  words: readonly string[],
  { configMaps = {}, env = {} }: Beside,
): Promise<Ran> {
  const maps = Object.entries(configMaps).map(([name, texts]) =>
    stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: texts }),
  );
  await writeFile(join(cwd, 'x.yaml'), [...maps, manifest('x', data)].join('---\n'));
  const all = ['build', '--nixpkgs', 'demo', '--store', join(cwd, 'store'), ...words, 'x.yaml'];
  return await niximage(all, { cwd, env });
}

export async function configOf(folder: string): Promise<Record<string, unknown>> {
  const { stdout } = await execa('skopeo', ['inspect', '--config', `oci-archive:${join(folder, 'x.tar')}`]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The root folder that the image gives. */
export async function unpacked(folder: string): Promise<string> {
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
