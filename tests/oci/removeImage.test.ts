import assert from 'node:assert/strict';
import { mkdir, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { digestOf, hexOf } from '../../oci/digest.ts';
import { manifestPath, manifestsFolder, tagFolder } from '../../oci/store/layout.ts';
import { removeFiles } from '../../oci/store/remove.ts';
import { removeImage } from '../../oci/store/removeImage.ts';
import { openTree } from '../../oci/store/tree.ts';
import { publish, storeBench, writeImage } from './support/tree.ts';

describe('removeImage', () => {
  test('takes away the tags and manifests of its uid, and leaves no empty folder', async (t) => {
    const { path, tree } = await storeBench(t);
    for (const [ordinal, text] of ['one', 'two', 'three', 'four', 'five'].entries())
      await publish(tree, 'tool', await writeImage(tree, 'tool', text), { ordinal });
    await publish(tree, 'tool', await writeImage(tree, 'tool', 'six'), { tag: 'v2', ordinal: 6 });
    const removed = await removeImage(path, 'tool', 'uid-1');
    assert.deepEqual(removed, { removedTags: 2, removedManifests: 6 });
    assert.deepEqual(await readdir(join(path, 'images')), []);
  });

  test('leaves what a later image of the same name published, and its shared manifest', async (t) => {
    const { path, tree } = await storeBench(t);
    const image = await writeImage(tree, 'tool', 'same');
    await publish(tree, 'tool', image);
    await publish(tree, 'tool', image, { uid: 'uid-2', created: '2026-02-02T03:04:05Z' });
    assert.deepEqual(await removeImage(path, 'tool', 'uid-1'), { removedTags: 1, removedManifests: 0 });
    const current = await tree.reader.currentPublication('tool', 'v1');
    assert.equal(current?.uid, 'uid-2');
    assert.ok(current !== undefined && (await tree.reader.isComplete('tool', current)));
  });

  test('leaves a manifest that a later image is about to publish, also where the bytes are those of the old', async (t) => {
    const { path, tree } = await storeBench(t);
    const old = await writeImage(tree, 'tool', 'same');
    await publish(tree, 'tool', old);
    // As if the old one had been published a minute ago.
    const [publication] = await readdir(tagFolder(path, 'tool', 'v1'));
    const before = new Date(Date.now() - 60_000);
    await utimes(join(tagFolder(path, 'tool', 'v1'), publication ?? ''), before, before);
    const image = await writeImage(tree, 'tool', 'same');
    assert.equal(image.digest, old.digest);
    await removeImage(path, 'tool', 'uid-1');
    await publish(tree, 'tool', image, { uid: 'uid-2', created: '2026-02-02T03:04:05Z' });
    const current = await tree.reader.currentPublication('tool', 'v1');
    assert.ok(current !== undefined && (await tree.reader.isComplete('tool', current)));
  });

  test('what a tenant put in the way is passed over: a folder with the name of a manifest, no images at all', async (t) => {
    const { path, tree } = await storeBench(t);
    await publish(tree, 'tool', await writeImage(tree, 'tool', 'one'));
    await mkdir(join(manifestsFolder(path, 'tool'), 'a'.repeat(64)));
    assert.deepEqual(await removeImage(path, 'tool', 'uid-1'), { removedTags: 1, removedManifests: 1 });
    await rm(join(path, 'images'), { recursive: true });
    assert.deepEqual(await removeImage(path, 'tool', 'uid-1'), { removedTags: 0, removedManifests: 0 });
  });

  test("a tenant's symlink to another tenant's folder leads nowhere", async (t) => {
    const { store, path, tree } = await storeBench(t);
    await store.createNamespace('victim', 'other-uid');
    const other = await openTree(store.treePath('victim'), 'builder-2');
    const image = await writeImage(other, 'tool', 'theirs');
    await publish(other, 'tool', image);
    for (const folder of [manifestsFolder, (root: string) => tagFolder(root, 'tool', 'v1')]) {
      await publish(tree, 'tool', await writeImage(tree, 'tool', 'ours'));
      await rename(folder(path, 'tool'), `${path}/tmp/aside`);
      await symlink(folder(store.treePath('victim'), 'tool'), folder(path, 'tool'));
      await removeImage(path, 'tool', 'uid-1');
      await rm(folder(path, 'tool'));
      await rename(`${path}/tmp/aside`, folder(path, 'tool'));
    }
    const current = await other.reader.currentPublication('tool', 'v1');
    assert.ok(current !== undefined && (await other.reader.isComplete('tool', current)));
  });
});

test('a folder that becomes a symlink between the look and the removal: the names are removed where they were seen', async (t) => {
  const { path } = await storeBench(t);
  const [own, others] = [join(path, 'tmp/own'), join(path, 'tmp/others')];
  for (const folder of [own, others]) {
    await mkdir(folder);
    for (const name of ['a', 'b']) await writeFile(join(folder, name), name);
  }
  // The tenant's move comes while the names are gone through: the generator is asked for the next one at that time.
  function* names(): Generator<string> {
    yield 'a';
    yield 'b';
  }
  let exchanged: Promise<void> | undefined;
  const removed = await removeFiles(own, names(), () => {
    exchanged ??= rename(own, `${own}-aside`).then(() => symlink(others, own));
    return true;
  });
  await exchanged;
  assert.equal(removed, 2);
  assert.deepEqual(await readdir(others), ['a', 'b']);
  assert.deepEqual(await readdir(`${own}-aside`), []);
});

describe('openTree', () => {
  test('takes away what a killed builder left in tmp a day ago, folders and dangling links too', async (t) => {
    const { path } = await storeBench(t);
    const tmp = join(path, 'tmp');
    await mkdir(join(tmp, 'folder'));
    await writeFile(join(tmp, 'folder/file'), '');
    await writeFile(join(tmp, 'old'), '');
    await writeFile(join(tmp, 'new'), '');
    const old = new Date(Date.now() - 25 * 60 * 60 * 1000);
    for (const name of ['folder', 'old']) await utimes(join(tmp, name), old, old);
    await openTree(path, 'builder-2');
    assert.deepEqual(await readdir(tmp), ['new']);
    await rm(tmp, { recursive: true });
    await openTree(path, 'builder-3');
  });
});

describe('a tree that is written', () => {
  test('a blob of another size is moved to the trash, also where there is none yet', async (t) => {
    const { path, tree } = await storeBench(t);
    const digest = await tree.putBlob(Buffer.from('whole'));
    await rm(join(path, 'trash'), { recursive: true });
    await writeFile(join(path, 'blobs/sha256', hexOf(digest)), 'who');
    assert.equal(await tree.lease(digest, 5), false);
    assert.equal((await readdir(join(path, 'trash'))).length, 1);
    assert.equal(await tree.putBlob(Buffer.from('whole')), digest);
    assert.equal(await tree.lease(digest, 5), true);
  });

  test('a blob that cannot be given its name leaves no temporary file', async (t) => {
    const { path, tree } = await storeBench(t);
    const writer = await tree.blobWriter();
    await writer.write(Buffer.from('text'));
    await rm(join(path, 'blobs/sha256'), { recursive: true });
    await writeFile(join(path, 'blobs/sha256'), 'a file where a folder should be');
    await assert.rejects(writer.commit(digestOf(Buffer.from('text'))));
    assert.deepEqual(await readdir(join(path, 'tmp')), []);
  });

  test('a manifest that is there gets a new time, so that nobody removes it before it is published', async (t) => {
    const { path, tree } = await storeBench(t);
    const { digest } = await writeImage(tree, 'tool', 'text');
    const file = manifestPath(path, 'tool', digest);
    const old = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(file, old, old);
    await writeImage(tree, 'tool', 'text');
    assert.ok((await stat(file)).mtimeMs > old.getTime());
  });
});
