import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { blobPath, retiredPath } from '../../oci/store/layout.ts';
import { callBack, retire } from '../../oci/store/retire.ts';
import type { CallingBack } from './support/callingBack.ts';
import { storeBench } from './support/tree.ts';

describe('a blob that was set aside', () => {
  test('is read at every moment of its being called back', async (t) => {
    const { path, tree } = await storeBench(t);
    const digest = await tree.putBlob(Buffer.from('text'));
    const turns = new Int32Array(new SharedArrayBuffer(8));
    const workerData: CallingBack = { path: blobPath(path, digest), aside: retiredPath(path, digest), turns };
    const thread = new Worker(new URL('./support/callingBack.ts', import.meta.url), { workerData });
    t.after(() => thread.terminate());
    for (let turn = 1; turn <= 300; turn += 1) {
      await retire(path, digest);
      Atomics.store(turns, 0, turn);
      Atomics.notify(turns, 0);
      assert.ok(await tree.reader.isThere(digest), `turn ${turn}`);
      await Atomics.waitAsync(turns, 1, turn - 1).value;
    }
  });

  test('comes back once, whoever calls, and is not there to be called back any more', async (t) => {
    const { path, tree } = await storeBench(t);
    const digest = await tree.putBlob(Buffer.from('text'));
    assert.equal(await callBack(path, digest), false, 'none was set aside');
    await retire(path, digest);
    assert.equal(await tree.reader.blobSize(digest), undefined);
    const calls = await Promise.all(Array.from({ length: 8 }, () => callBack(path, digest)));
    assert.ok(calls.includes(true));
    assert.equal(await tree.reader.blobSize(digest), 4);
    assert.equal(await callBack(path, digest), false);
  });
});
