import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BuildReport } from '../../../runtime/contract/report.ts';
import { Follower } from '../support/follower.ts';
import { publishedDigests, storedImage } from '../support/image.ts';
import { podBench } from '../support/pod.ts';

const builders = 20;
const contents = `curl bash large ${Array.from({ length: 8 }, (_, index) => `many.p${index}`).join(' ')}`;

test('20 builders of one closure at once: all of them succeed, and what they wrote is there once', async (t) => {
  const bench = await podBench(t, contents);
  const follower = new Follower(bench.store, 'curl-and-jq', 'v1');
  const numbers = Array.from({ length: builders }, (_, index) => index + 1);
  // One half builds one image, each later than the one before it; the other half one of its own each.
  const nameOf = (number: number): string => (number % 2 === 0 ? 'curl-and-jq' : `image-${number}`);
  const reports = await Promise.all(
    numbers.map(async (number): Promise<BuildReport> => {
      const terminationLog = join(bench.folder, `report-${number}`);
      const child = bench.start(bench.words(number, { name: nameOf(number), terminationLog }));
      child.stdout?.resume();
      await once(child, 'exit');
      return JSON.parse(await readFile(terminationLog, 'utf8'));
    }),
  );
  await follower.stop();
  const first = reports.find((report) => report.result === 'Built');
  assert.ok(first);
  for (const [index, report] of reports.entries()) {
    // One that comes after a later one of its tag is not wanted any more.
    if (report.result === 'Failed') {
      assert.equal(report.reason, 'Superseded', report.message);
      assert.ok(index % 2 === 1 && index + 1 < builders);
      continue;
    }
    assert.equal(report.digest, first.digest);
    await storedImage(bench.store, report, nameOf(index + 1));
  }
  assert.equal((await publishedDigests(bench.store)).at(-1), first.digest);
  assert.equal((await readdir(join(bench.store, 'blobs/sha256'))).length, first.layers + 1);
  assert.equal((await readdir(join(bench.store, 'layers'))).length, first.layers);
  for (const folder of ['tmp', 'leases', 'trash'])
    assert.deepEqual(await readdir(join(bench.store, folder)), [], folder);
});
