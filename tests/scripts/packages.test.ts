import assert from 'node:assert/strict';
import { mkdir, readdir, realpath, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { ensurePackages } from '../../scripts/packages.mjs';
import { temporaryFolder } from '../support/tmp.ts';

test('two at once make one set, whole; afterwards nothing is to do', async (t) => {
  const cache = await temporaryFolder(t);
  const sets = join(cache, 'package-sets');
  // What this machine has downloaded is not downloaded again.
  const seed = '0'.repeat(16);
  await mkdir(join(sets, seed), { recursive: true });
  await symlink(join(await ensurePackages(), 'debs'), join(sets, seed, 'debs'));
  const said: string[] = [];
  const options = { cache, say: (line: string) => void said.push(line) };
  const [first, second] = await Promise.all([ensurePackages(options), ensurePackages(options)]);
  assert.equal(first, second);
  assert.deepEqual((await readdir(sets)).sort(), [seed, basename(first)]);
  assert.ok(!said.some((line) => line.startsWith('Downloading')));
  assert.equal(await realpath(join(cache, 'packages')), await realpath(first));
  const files = await readdir(first);
  for (const file of ['default.nix', 'lock.json', 'overlay.nix', 'dockerTools'])
    assert.ok(files.includes(file), file);
  assert.ok(!files.some((file) => file.endsWith('.ts')));

  assert.ok(said.length > 0);
  said.length = 0;
  assert.equal(await ensurePackages(options), first);
  assert.deepEqual(said, []);
});
