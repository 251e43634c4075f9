import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { emptyTrash } from '../../oci/store/emptyTrash.ts';
import { initialiseStore, openStore } from '../../oci/store/store.ts';
import { temporaryFolder } from '../support/tmp.ts';

const hour = 3_600_000;
const later = () => Date.now() + 25 * hour;

/** A trash with one tree in it, and another tenant's file beside. */
async function site(t: TestContext) {
  const root = await temporaryFolder(t);
  const trash = join(root, '_trash');
  const tree = join(trash, 'a');
  await mkdir(join(tree, 'blobs/sha256'), { recursive: true });
  await writeFile(join(tree, 'blobs/sha256/x'), 'x');
  const other = join(root, 'other');
  await mkdir(other);
  await writeFile(join(other, 'kept'), 'kept');
  return { root, trash, tree, other };
}

describe('trees of namespaces that are gone', () => {
  test('go a day after they were set aside', async (t) => {
    const { trash } = await site(t);
    assert.equal(await emptyTrash(trash, 24 * hour, Date.now() + 23 * hour), 0);
    assert.deepEqual(await readdir(trash), ['a']);
    assert.equal(await emptyTrash(trash, 24 * hour, later()), 3);
    assert.deepEqual(await readdir(trash), []);
  });

  test('what their times say counts for nothing: a tenant could write them', async (t) => {
    const { trash, tree } = await site(t);
    await utimes(tree, 0, 0);
    assert.equal(await emptyTrash(trash), 0);
  });

  test('the store sets one aside when its namespace comes again, and then removes it', async (t) => {
    const root = join(await temporaryFolder(t), 'store');
    await initialiseStore(root);
    const store = await openStore(root);
    await store.createNamespace('team', 'first');
    await store.createNamespace('team', 'second');
    assert.equal((await readdir(join(root, '_trash'))).length, 1);
    assert.equal(await store.emptyTrash(), 0, 'not on the same day');
    await emptyTrash(join(root, '_trash'), 24 * hour, later());
    assert.deepEqual(await readdir(join(root, '_trash')), []);
    assert.equal(await store.owner('team'), 'second');
  });

  test('there may be none', async (t) => {
    assert.equal(await emptyTrash(join(await temporaryFolder(t), '_trash')), 0);
  });

  const hostile: readonly {
    readonly reason: string;
    readonly plant: (tree: string, other: string) => Promise<unknown>;
  }[] = [
    { reason: 'a link to a folder', plant: (tree, other) => symlink(other, join(tree, 'link')) },
    { reason: 'a link to a file', plant: (tree, other) => symlink(join(other, 'kept'), join(tree, 'link')) },
    { reason: 'a link that leads nowhere', plant: (tree) => symlink('nowhere', join(tree, 'link')) },
    { reason: 'a FIFO', plant: (tree) => promisify(execFile)('mkfifo', [join(tree, 'fifo')]) },
    {
      reason: 'a folder that nobody may read or write',
      plant: async (tree) => {
        await mkdir(join(tree, 'closed/in'), { recursive: true });
        await chmod(join(tree, 'closed'), 0);
      },
    },
    {
      reason: 'folders deeper than a path may be long',
      plant: async (tree) => {
        const name = 'd'.repeat(200);
        const top = join(tree, name);
        await mkdir(top);
        for (let depth = 0; depth < 40; depth += 1) {
          await mkdir(join(tree, 'above'));
          await rename(top, join(tree, 'above', name));
          await rename(join(tree, 'above'), top);
        }
      },
    },
    {
      reason: 'a name that is no UTF-8',
      plant: (tree) => writeFile(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xfe])]), ''),
    },
  ];
  for (const { reason, plant } of hostile)
    test(`${reason} is removed, and nothing else`, async (t) => {
      const { root, trash, tree, other } = await site(t);
      await plant(tree, other);
      await emptyTrash(trash, 24 * hour, later());
      assert.deepEqual(await readdir(trash), []);
      assert.deepEqual((await readdir(root)).toSorted(), ['_trash', 'other']);
      assert.equal(await readFile(join(other, 'kept'), 'utf8'), 'kept');
    });
});
