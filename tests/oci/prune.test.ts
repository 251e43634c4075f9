import assert from 'node:assert/strict';
import { readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Digest } from '../../oci/digest.ts';
import { collect } from '../../oci/store/collect.ts';
import { manifestPath, manifestsFolder } from '../../oci/store/layout.ts';
import { publish, type StoreBench, storeBench, writeImage } from './support/tree.ts';

const hour = 60 * 60 * 1000;

async function makeOld(path: string, digest: Digest): Promise<void> {
  const time = new Date(Date.now() - 2 * hour);
  await utimes(manifestPath(path, 'tool', digest), time, time);
}

async function manifests({ path }: StoreBench): Promise<number> {
  return (await readdir(manifestsFolder(path, 'tool'))).length;
}

describe('after a publication', () => {
  test('the last three of the tag stay pullable; older ones go, and their manifests when they are old', async (t) => {
    const bench = await storeBench(t);
    const { path, tree } = bench;
    for (let ordinal = 1; ordinal <= 5; ordinal += 1) {
      const image = await writeImage(tree, 'tool', `text ${ordinal}`);
      await publish(tree, 'tool', image, { ordinal });
      // The second is young still when it goes out of its tag.
      if (ordinal !== 2) await makeOld(path, image.digest);
    }
    const publications = await tree.reader.publications('tool', 'v1');
    assert.deepEqual(
      publications.map(({ ordinal }) => ordinal),
      [5, 4, 3],
    );
    for (const publication of publications) assert.ok(await tree.reader.isComplete('tool', publication));
    assert.equal(await manifests(bench), 4);
  });

  test('what another tag names stays, also where it is the same image', async (t) => {
    const bench = await storeBench(t);
    const { path, tree } = bench;
    const first = await writeImage(tree, 'tool', 'text 0');
    await publish(tree, 'tool', first, { tag: 'stable' });
    await publish(tree, 'tool', first);
    await makeOld(path, first.digest);
    for (let ordinal = 2; ordinal <= 5; ordinal += 1)
      await publish(tree, 'tool', await writeImage(tree, 'tool', `text ${ordinal}`), { ordinal });
    const [stable] = await tree.reader.publications('tool', 'stable');
    assert.ok(stable !== undefined && (await tree.reader.isComplete('tool', stable)));
  });

  test('one that comes late is older than the newest, and goes at once where three are newer', async (t) => {
    const { tree } = await storeBench(t);
    const image = await writeImage(tree, 'tool', 'text');
    for (const ordinal of [4, 2, 3, 1]) await publish(tree, 'tool', image, { ordinal });
    const publications = await tree.reader.publications('tool', 'v1');
    assert.deepEqual(
      publications.map(({ ordinal }) => ordinal),
      [4, 3, 2],
    );
  });

  test('other tags are not read where nothing of this one went', async (t) => {
    const bench = await storeBench(t);
    const { path, tree } = bench;
    const orphan = await writeImage(tree, 'tool', 'never published');
    await makeOld(path, orphan.digest);
    await publish(tree, 'tool', await writeImage(tree, 'tool', 'text'));
    assert.equal(await manifests(bench), 2);
  });
});

describe('the collector', () => {
  test('takes a manifest away that was never published, after an hour, and then its blobs', async (t) => {
    const bench = await storeBench(t);
    const { path, tree } = bench;
    const orphan = await writeImage(tree, 'tool', 'never published');
    await publish(tree, 'tool', await writeImage(tree, 'tool', 'text'));
    await tree.releaseLeases();
    await collect(path);
    assert.equal(await manifests(bench), 2, 'it may be about to be published');
    const later = Date.now() + 1000;
    await makeOld(path, orphan.digest);
    assert.equal((await collect(path, { unused: 0, retired: 0, leftover: hour }, later)).retired, 2);
    assert.equal(await manifests(bench), 1);
    const [current] = await tree.reader.publications('tool', 'v1');
    assert.ok(current !== undefined && (await tree.reader.isComplete('tool', current)));
  });

  test('a tree without images is no error', async (t) => {
    const { path } = await storeBench(t);
    await rm(join(path, 'images'), { recursive: true });
    assert.equal((await collect(path)).removed, 0);
  });
});
