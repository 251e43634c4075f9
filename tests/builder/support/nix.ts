import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../support/tmp.ts';

const packages = fileURLToPath(new URL('./packages.nix', import.meta.url));

/** A package set and folders of a test's own. */
export interface NixBench {
  readonly folder: string;
  /** What `<nixpkgs>` stands for. */
  readonly nixpkgs: string;
  /** Once this file exists, the package `waiting` is built. */
  readonly gate: string;
  readonly environment: { readonly [name: string]: string | undefined };
}

export async function nixBench(t: TestContext): Promise<NixBench> {
  const folder = await temporaryFolder(t);
  const gate = join(folder, 'gate');
  const nixpkgs = join(folder, 'nixpkgs');
  await mkdir(nixpkgs);
  await writeFile(join(nixpkgs, 'default.nix'), `import ${packages} { unique = "${gate}"; }\n`);
  const environment = {
    PATH: process.env['PATH'],
    TMPDIR: folder,
    NIX_PATH: `nixpkgs=${nixpkgs}`,
    // Nothing here is in a cache; asking for it takes seconds where there is no network.
    NIX_CONFIG: 'substituters =',
  };
  return { folder, gate, nixpkgs, environment };
}

/** The expression of an image with these contents, as the hook writes it. */
export function expressionOf(contents: string, more = ''): string {
  return [
    '{ pkgs ? import <nixpkgs> { } }:',
    'pkgs.dockerTools.buildLayeredImage {',
    '  name = "curl-and-jq";',
    '  tag = "v1";',
    `  contents = with pkgs; [ ${contents} ];${more}`,
    '}',
    '',
  ].join('\n');
}
