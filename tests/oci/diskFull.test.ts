import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/tmp.ts';
import type { Outcome } from './support/smallDisk.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('./support/smallDisk.ts', import.meta.url));
const disks = [
  ...['4k', '8k', '64k', '200k', '240k', '480k', '520k'].map((size) => `size=${size}`),
  ...Array.from({ length: 36 }, (_, index) => `nr_inodes=${index + 2}`),
];

test('a disk that fills up at any moment: nothing half is left, and nothing stands in the way when there is space', async (t) => {
  const folder = await temporaryFolder(t);
  // Whoever is not root is so in a user namespace of his own.
  const namespaces = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const words = [...namespaces, process.execPath, program, folder, ...disks];
  const { stdout } = await run('unshare', words, { maxBuffer: 2 ** 24 });
  const outcomes: readonly Outcome[] = JSON.parse(stdout);
  assert.deepEqual(
    outcomes.map(({ disk }) => disk),
    disks,
  );
  for (const { disk, failures, left, broken, afterwards } of outcomes) {
    assert.deepEqual({ left, broken }, { left: [], broken: [] }, `${disk}: ${failures.join('; ')}`);
    for (const failure of failures) assert.match(failure, /ENOSPC/, disk);
    assert.deepEqual(afterwards, { failures: [], left: [], broken: [] }, disk);
  }
  for (const deed of ['begin', 'build', 'push', 'note'])
    assert.ok(
      outcomes.some(({ failures }) => failures.some((failure) => failure.startsWith(deed))),
      `${deed} found space enough on each disk`,
    );
});
