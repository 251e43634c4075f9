import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { execa } from 'execa';
import { temporaryFolder } from '../../support/tmp.ts';
import { manifest } from './manifest.ts';
import { niximage } from './program.ts';

export type Data = Readonly<Record<string, unknown>>;

/** Builds one image with real Nix. @returns the folder with the OCI archive `x.tar`. */
export async function built(t: TestContext, data: Data): Promise<string> {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'x.yaml'), manifest('x', data));
  const words = ['build', '--nixpkgs', 'demo', '--store', join(cwd, 'store'), '--output', 'x.tar', 'x.yaml'];
  const { exitCode, stderr } = await niximage(words, { cwd });
  assert.equal(exitCode, 0, stderr);
  return cwd;
}

/** What is said of an image that cannot be built. */
export async function refused(t: TestContext, data: Data): Promise<string> {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'x.yaml'), manifest('x', data));
  const words = ['build', '--nixpkgs', 'demo', '--store', join(cwd, 'store'), 'x.yaml'];
  const { exitCode, stderr } = await niximage(words, { cwd });
  assert.equal(exitCode, 1);
  return stderr;
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
