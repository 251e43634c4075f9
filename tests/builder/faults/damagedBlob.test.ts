import assert from 'node:assert/strict';
import { appendFile, readdir, stat, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { assertBuilt, imageBench, publication, storedImage } from '../support/image.ts';

const harms: readonly {
  readonly reason: string;
  /** Whether the blob that was there goes into the trash. */
  readonly trash: boolean;
  harm(blob: string): Promise<void>;
}[] = [
  {
    reason: 'was cut',
    trash: true,
    harm: async (blob) => truncate(blob, Math.floor((await stat(blob)).size / 2)),
  },
  { reason: 'is empty', trash: true, harm: (blob) => truncate(blob, 0) },
  { reason: 'is longer than it was', trash: true, harm: (blob) => appendFile(blob, 'more') },
  { reason: 'is gone', trash: false, harm: (blob) => unlink(blob) },
];

test('a record of a layer that was lost with the power: the layer is written again, and known from then on', async (t) => {
  const bench = await imageBench(t);
  const first = await bench.build('curl bash');
  assertBuilt(first);
  const records = await readdir(join(bench.store, 'layers'));
  for (const record of records) await truncate(join(bench.store, 'layers', record), 0);
  for (const [ordinal, reused] of [
    [2, 0],
    [3, first.layers],
  ] as const) {
    const next = await bench.build('curl bash', {
      publication: { ...publication, ordinal },
      pod: `pod-${ordinal}`,
    });
    assertBuilt(next);
    assert.deepEqual([next.digest, next.reusedLayers], [first.digest, reused]);
  }
});

describe('a blob that another build is about to reuse', () => {
  for (const { reason, trash, harm } of harms)
    test(`${reason}: it is found by its size, and written again`, async (t) => {
      const bench = await imageBench(t);
      const first = await bench.build('curl bash');
      assertBuilt(first);
      const { manifest } = await storedImage(bench.store, first);
      // One layer, and the configuration, which is written anew each time.
      const harmed = [manifest.layers[0], manifest.config].map((each) => each?.digest.slice(7) ?? '');
      for (const hex of harmed) await harm(join(bench.store, 'blobs/sha256', hex));
      const second = await bench.build('curl bash', {
        publication: { ...publication, ordinal: 2 },
        pod: 'second',
      });
      assertBuilt(second);
      assert.equal(second.digest, first.digest);
      assert.equal(second.reusedLayers, first.layers - 1);
      await storedImage(bench.store, second);
      const trashed = (await readdir(join(bench.store, 'trash'))).map((name) => name.slice(0, 64));
      assert.deepEqual(trashed.toSorted(), trash ? harmed.toSorted() : []);
    });
});
