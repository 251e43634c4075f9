import assert from 'node:assert/strict';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { initialiseStore, openStore } from '../../oci/store/store.ts';
import { initialiseEmpty } from '../../registry/initialise.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { storeBench } from './support/tree.ts';

describe('the mark of a store', () => {
  test('of many who set it at once, one does, and all get its id', async (t) => {
    const root = await temporaryFolder(t);
    const markers = await Promise.all(Array.from({ length: 20 }, () => initialiseStore(root)));
    assert.equal(new Set(markers.map(({ id }) => id)).size, 1);
    assert.deepEqual(await readdir(root), ['_marker.json']);
    assert.equal((await openStore(root)).marker.id, markers[0]?.id);
  });

  test("that its writer left unfinished stands in nobody's way", async (t) => {
    const root = await temporaryFolder(t);
    await writeFile(join(root, '_marker.json.0123'), '{"v":1,');
    await initialiseEmpty(root);
    assert.ok(await (await openStore(root)).isThere());
  });

  test('of another volume is not taken for it, and half a mark is none', async (t) => {
    const root = await temporaryFolder(t);
    const { id } = await initialiseStore(root);
    await assert.rejects(openStore(root, { id: 'another' }), { code: 'STORE_UNAVAILABLE' });
    assert.equal((await openStore(root, { id })).marker.id, id);
    await writeFile(join(root, '_marker.json'), '{"v":1,');
    await assert.rejects(openStore(root), { code: 'STORE_UNAVAILABLE' });
  });
});

describe("a namespace's tree", () => {
  test('is made once, however many keepers make it', async (t) => {
    const { store, path } = await storeBench(t);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => store.createNamespace('many', 'uid-1')),
    );
    assert.deepEqual(outcomes.toSorted(), ['made', ...Array.from({ length: 19 }, () => 'there')]);
    assert.deepEqual((await readdir(join(path, '..'))).toSorted(), ['_marker.json', 'many', 'team']);
  });

  const before: readonly { readonly reason: string; harm(path: string): Promise<unknown> }[] = [
    { reason: 'of an earlier namespace of that name', harm: async () => {} },
    { reason: 'whose mark the tenant removed', harm: (path) => rm(join(path, '_namespace.json')) },
    {
      reason: 'whose mark the tenant wrote over',
      harm: (path) => writeFile(join(path, '_namespace.json'), '{"v":1,"uid":7}'),
    },
    {
      reason: 'that is a file',
      harm: async (path) => {
        await rm(path, { recursive: true });
        await writeFile(path, '');
      },
    },
    {
      reason: 'that is a link',
      harm: async (path) => {
        await rm(path, { recursive: true });
        await symlink('/', path);
      },
    },
    {
      reason: 'that is an empty folder',
      harm: async (path) => {
        await rm(path, { recursive: true });
        await mkdir(path);
      },
    },
  ];
  for (const { reason, harm } of before)
    test(`takes the place of one ${reason}, and inherits nothing`, async (t) => {
      const { store, path, tree } = await storeBench(t);
      await tree.putBlob(Buffer.from('of the earlier one'));
      await harm(path);
      assert.equal(await store.createNamespace('team', 'later-uid'), 'made');
      assert.equal(await store.owner('team'), 'later-uid');
      assert.deepEqual(await readdir(join(path, 'blobs/sha256')), []);
      assert.equal(await store.createNamespace('team', 'later-uid'), 'there');
    });
});
