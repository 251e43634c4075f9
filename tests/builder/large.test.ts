import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ChunkPool } from '../../oci/layer/chunkPool.ts';
import { type StoreTar, storeTar } from '../../oci/tar/storeTar.ts';
import { temporaryFolder } from '../support/tmp.ts';

const oracle = fileURLToPath(new URL('../oci/oracle.py', import.meta.url));
const style = { mtime: 1, uid: 0, gid: 0, uname: 'root', gname: 'root' };

/** `npm run test:large` sets it: a file beyond the 8 GiB that a tar's header can tell, and 200,000 files. */
const isLarge = process.env['NIXIMAGE_TEST_LARGE'] === '1';
const holeBytes = isLarge ? 9 * 2 ** 30 : 64 * 2 ** 20;
const fileCount = isLarge ? 200_000 : 2_000;

/** SHA-256 of what Python's tarfile writes. */
async function pythonHash(order: StoreTar): Promise<string> {
  const child = spawn('python3', [oracle], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  Readable.from([JSON.stringify(order)]).pipe(child.stdin);
  const hash = createHash('sha256');
  for await (const chunk of child.stdout) hash.update(chunk);
  assert.deepEqual(await ended, [0, null]);
  return hash.digest('hex');
}

function ourHash(order: StoreTar): string {
  const pool = new ChunkPool();
  const hash = createHash('sha256');
  for (const chunk of storeTar(order, pool)) {
    hash.update(chunk);
    pool.give(chunk);
  }
  return hash.digest('hex');
}

describe('a large layer has the bytes that Python writes', () => {
  test(`a file of ${holeBytes} bytes, nearly all of them a hole`, async (t) => {
    const storeDir = await temporaryFolder(t);
    const path = join(storeDir, 'sparse');
    await using file = await open(path, 'w');
    await file.truncate(holeBytes);
    for (const at of [0, holeBytes / 2, holeBytes - 5]) await file.write('bytes', at);
    const order = { storeDir, paths: [path], style };
    assert.equal(ourHash(order), await pythonHash(order));
  });

  test(`${fileCount} files`, async (t) => {
    const storeDir = await temporaryFolder(t);
    const path = join(storeDir, 'many');
    for (let index = 0; index < fileCount; index += 1) {
      const folder = join(path, `folder-${Math.floor(index / 500)}`);
      if (index % 500 === 0) await mkdir(folder, { recursive: true });
      if (index % 50 === 0) await symlink(`file-${index + 1}`, join(folder, `link-${index}`));
      await writeFile(join(folder, `file-${index}`), 'x'.repeat(index % 1100));
    }
    const order = { storeDir, paths: [path], style };
    assert.equal(ourHash(order), await pythonHash(order));
  });
});
