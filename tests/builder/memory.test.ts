import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/tmp.ts';
import { makeTree } from './support/image.ts';

const run = promisify(execFile);
/** Writes layers in a process of its own, and says how much memory that held at most. */
const program = fileURLToPath(new URL('../../bench/builder/writeLayers.ts', import.meta.url));

test('two layers of a gigabyte at once take less than 256 MB of memory', async (t) => {
  const folder = await temporaryFolder(t);
  const [tree, storeDir] = [join(folder, 'tree'), join(folder, 'store')];
  await makeTree(tree);
  await mkdir(storeDir);
  const layers: string[][] = [];
  for (const name of ['one', 'other']) {
    const path = join(storeDir, name);
    await writeFile(path, '');
    await truncate(path, 1e9);
    layers.push([path]);
  }
  const { stdout } = await run(process.execPath, [
    program,
    JSON.stringify({ store: tree, storeDir, layers }),
  ]);
  const { memory }: { readonly memory: number } = JSON.parse(stdout);
  assert.ok(memory < 256e6, `${memory} bytes`);
});
