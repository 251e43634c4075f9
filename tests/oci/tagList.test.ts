import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { tagFolder, tagsFolder } from '../../oci/store/layout.ts';
import { publish, storeBench, writeImage } from './support/tree.ts';

const run = promisify(execFile);
const name = `20260102030405-0000000001-u-${'a'.repeat(64)}`;

describe('the tags of an image', () => {
  test('are those with a publication, in order; no publication is opened', async (t) => {
    const { path, tree } = await storeBench(t);
    assert.equal(await tree.reader.tags('tool'), undefined);
    const image = await writeImage(tree, 'tool', 'text');
    for (const tag of ['v10', 'v2', 'V3', 'latest']) await publish(tree, 'tool', image, { tag });
    const tags = ['V3', 'latest', 'v10', 'v2'];
    assert.deepEqual(await tree.reader.tags('tool'), { tags, isWhole: true });
    await mkdir(tagFolder(path, 'tool', 'unreadable'));
    await run('mkfifo', [join(tagFolder(path, 'tool', 'unreadable'), name)]);
    assert.deepEqual(await tree.reader.tags('tool'), {
      tags: ['V3', 'latest', 'unreadable', 'v10', 'v2'],
      isWhole: true,
    });
  });

  test('a folder that may be filled later makes the list one that is not whole', async (t) => {
    const { path, tree } = await storeBench(t);
    await publish(tree, 'tool', await writeImage(tree, 'tool', 'text'));
    await mkdir(tagFolder(path, 'tool', 'later'));
    await writeFile(join(tagFolder(path, 'tool', 'later'), 'README'), '');
    assert.deepEqual(await tree.reader.tags('tool'), { tags: ['v1'], isWhole: false });
  });

  test('what a tenant put there: files, FIFOs, links and names that are no tags', async (t) => {
    const { store, path, tree } = await storeBench(t);
    await store.createNamespace('victim', 'other-uid');
    const secret = tagFolder(store.treePath('victim'), 'tool', 'secret');
    await mkdir(secret, { recursive: true });
    await writeFile(join(secret, name), '');
    await publish(tree, 'tool', await writeImage(tree, 'tool', 'text'));
    const tags = tagsFolder(path, 'tool');
    await symlink(secret, join(tags, 'link'));
    await run('mkfifo', [join(tags, 'fifo')]);
    await writeFile(join(tags, 'file'), '');
    await mkdir(join(tags, '-'));
    assert.deepEqual(await tree.reader.tags('tool'), { tags: ['v1'], isWhole: false });
    await rename(tags, `${tags}-aside`);
    await symlink(tagsFolder(store.treePath('victim'), 'tool'), tags);
    assert.equal(await tree.reader.tags('tool'), undefined);
  });

  test('ten thousand of them', async (t) => {
    const { path, tree } = await storeBench(t);
    const names = Array.from({ length: 10_000 }, (_, index) => `v${String(index).padStart(5, '0')}`);
    await mkdir(tagsFolder(path, 'tool'), { recursive: true });
    for (const tag of names) {
      mkdirSync(tagFolder(path, 'tool', tag));
      writeFileSync(join(tagFolder(path, 'tool', tag), name), '');
    }
    assert.deepEqual(await tree.reader.tags('tool'), { tags: names, isWhole: true });
    // Sooner than file by file.
    await run('rm', ['-rf', tagsFolder(path, 'tool')]);
  });
});
