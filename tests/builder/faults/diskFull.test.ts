import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { assertBuilt } from '../support/image.ts';
import { nixBench } from '../support/nix.ts';
import type { Outcome, SmallDisks } from '../support/smallDisk.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../support/smallDisk.ts', import.meta.url));

/** 8 MB of random bytes: by size a layer fails, by the number of files whatever is written next. */
const contents = 'curl large bash';
const disks = [
  ...['size=256k', 'size=2m', 'size=7900k'],
  ...Array.from({ length: 9 }, (_, index) => `nr_inodes=${12 + 2 * index}`),
];

test('a disk that fills up at any point: the build says so, nothing half is left, and the next one is whole', async (t) => {
  const { folder, environment } = await nixBench(t);
  const order = { folder, environment, contents, disks } as SmallDisks;
  // Whoever is not root is so in a user namespace of his own.
  const namespaces = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const words = [...namespaces, process.execPath, program, JSON.stringify(order)];
  const { stdout } = await run('unshare', words, { maxBuffer: 2 ** 24 });
  const outcomes: readonly Outcome[] = JSON.parse(stdout);
  assert.deepEqual(
    outcomes.map(({ disk }) => disk),
    disks,
  );
  for (const { disk, report, temporary, complete, next, completeNext } of outcomes) {
    if (report.result === 'Failed')
      assert.deepEqual(
        { reason: report.reason, transient: report.transient, complete },
        { reason: 'DiskFull', transient: true, complete: [] },
        `${disk}: ${report.message}`,
      );
    else assert.deepEqual(complete, [true], disk);
    assert.deepEqual(temporary, [], disk);
    assertBuilt(next);
    assert.deepEqual(completeNext, [true, ...complete], disk);
  }
  const failed = outcomes.filter(({ report }) => report.result === 'Failed').length;
  assert.ok(failed >= 8 && failed < disks.length, `${failed} of ${disks.length} disks were too small`);
});
