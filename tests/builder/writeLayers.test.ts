import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { LayerSource } from '../../builder/imageStore.ts';
import { openStore } from '../../builder/openStore.ts';
import { writeLayers } from '../../builder/writeLayers.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { makeTree } from './support/image.ts';

const style = { mtime: 1, uid: 0, gid: 0, uname: 'root', gname: 'root' };
const compression = { kind: 'zstd', level: 3 } as const;

async function bench(t: TestContext) {
  const folder = await temporaryFolder(t);
  const tree = join(folder, 'tree');
  const storeDir = join(folder, 'store');
  await makeTree(tree);
  await mkdir(storeDir);
  const store = await openStore(tree, 'pod');
  t.after(() => store.close());
  const sourceOf = (name: string): LayerSource => {
    const key = Buffer.from(name.padEnd(32, '.')).toString('hex');
    return { kind: 'StorePaths', key, storeDir, paths: [join(storeDir, name)], style };
  };
  return { tree, storeDir, store, sourceOf };
}

describe('writeLayers', () => {
  test('layers come back in the order of their sources, and what was read is told', async (t) => {
    const { storeDir, store, sourceOf } = await bench(t);
    const names = Array.from({ length: 7 }, (_, index) => `file-${index}`);
    // The first are the largest: those after them are done sooner.
    for (const [index, name] of names.entries())
      await writeFile(join(storeDir, name), randomBytes(1_000_000 / (index + 1)));
    const told: (readonly [number, number])[] = [];
    const onProgress = (done: number, bytes: number): void => void told.push([done, bytes]);
    const options = { compression, signal: t.signal, onProgress };
    const first = await writeLayers(store, names.map(sourceOf), options);
    const [last] = told.slice(-1);
    assert.equal(first.reusedLayers, 0);
    assert.equal(last?.[0], 7);
    assert.ok(last[1] > 2_500_000, `${last[1]} bytes were read`);
    assert.ok(told.every(([, bytes], index) => bytes >= (told[index - 1]?.[1] ?? 0)));
    for (const [index, name] of names.entries())
      assert.equal((await store.findLayer(sourceOf(name).key))?.digest, first.layers[index]?.digest);
    told.length = 0;
    const again = await writeLayers(store, names.map(sourceOf), options);
    assert.deepEqual(again, { layers: first.layers, reusedLayers: 7 });
    assert.deepEqual(told.at(-1), [7, 0]);
  });

  test('when one fails the other stops, and the first error is told', async (t) => {
    const { tree, storeDir, store, sourceOf } = await bench(t);
    // A hole of a terabyte takes an hour: the test ends because it is not read to its end.
    await writeFile(join(storeDir, 'endless'), '');
    await truncate(join(storeDir, 'endless'), 1e12);
    const sources = ['endless', 'missing', 'never'].map(sourceOf);
    await assert.rejects(writeLayers(store, sources, { compression, signal: t.signal }), {
      code: 'CHANGED',
      message: /missing cannot be read/,
    });
    for (const place of ['tmp', 'blobs/sha256', 'layers'])
      assert.deepEqual(await readdir(join(tree, place)), [], place);
  });

  test('an abort ends the threads at once, and those that follow are written by others', async (t) => {
    const { tree, storeDir, store, sourceOf } = await bench(t);
    await writeFile(join(storeDir, 'endless'), '');
    await truncate(join(storeDir, 'endless'), 1e12);
    await writeFile(join(storeDir, 'small'), 'small');
    const controller = new AbortController();
    const reason = new Error('stopped');
    const onProgress = (_: number, bytes: number): void => {
      if (bytes > 0) controller.abort(reason);
    };
    const sources = [sourceOf('endless'), { ...sourceOf('endless'), key: 'b'.repeat(64) }];
    await assert.rejects(
      writeLayers(store, sources, { compression, signal: controller.signal, onProgress }),
      reason,
    );
    assert.deepEqual(await readdir(join(tree, 'tmp')), []);
    const { layers } = await writeLayers(store, [sourceOf('small')], { compression, signal: t.signal });
    assert.equal(layers.length, 1);
  });
});
