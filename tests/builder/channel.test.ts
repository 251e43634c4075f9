import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { temporaryFolder } from '../support/tmp.ts';

const file = fileURLToPath(new URL('../../builder/nix/sources.nix', import.meta.url));

test('a channel is its tarball, and the commit is the one that the tarball was made of', async (t) => {
  const folder = await temporaryFolder(t);
  const rev = 'a'.repeat(40);
  await writeFile(join(folder, '.git-revision'), rev);
  // Nix itself, but for the fetch: no test asks the server.
  const expression = `
    let
      fetchTarball = { url, name }: if url == "https://channels.nixos.org/nixos-25.11/nixexprs.tar.xz" then ${folder} else throw url;
      sources = builtins.scopedImport { builtins = builtins // { inherit fetchTarball; }; } ${file};
    in sources { source = builtins.toJSON { name = "nixpkgs"; channel = "nixos-25.11"; }; }`;
  const words = ['--eval', '--strict', '--json', '--expr', expression];
  const { stdout } = await execa('nix-instantiate', words);
  assert.deepEqual(JSON.parse(stdout), { path: folder, rev });
});
