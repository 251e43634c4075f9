import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { digestOf } from '../../oci/digest.ts';
import { manifestLimit } from '../../oci/manifest.ts';
import { collect } from '../../oci/store/collect.ts';
import * as layout from '../../oci/store/layout.ts';
import { encodePublication, type Publication, publicationName } from '../../oci/store/publication.ts';
import { removeImage } from '../../oci/store/removeImage.ts';
import { openTree } from '../../oci/store/tree.ts';
import { publish, type StoreBench, storeBench, writeImage } from './support/tree.ts';

const run = promisify(execFile);
const digest = digestOf(Buffer.from('secret'));
const subject = digestOf(Buffer.from('subject'));
const publication: Publication = {
  digest,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  manifestSize: 1,
  size: 1,
  created: '2026-01-02T03:04:05Z',
  ordinal: 1,
  uid: 'uid-1',
  inputHash: 'a'.repeat(64),
};

/** What a tenant can put where a file is looked for. */
interface Plant {
  readonly reason: string;
  plant(path: string, victim: string): Promise<unknown>;
}

const plants: readonly Plant[] = [
  { reason: 'a link to what another tenant has', plant: (path, victim) => symlink(victim, path) },
  { reason: 'a link to itself', plant: (path) => symlink(path, path) },
  { reason: 'a link to nothing', plant: (path) => symlink('/nowhere/at/all', path) },
  { reason: 'a FIFO', plant: (path) => run('mkfifo', [path]) },
  { reason: 'a folder', plant: (path) => mkdir(path) },
  {
    reason: 'a file that nobody may read',
    plant: async (path) => {
      await writeFile(path, '');
      await chmod(path, 0);
    },
  },
  { reason: 'a file that is larger than any that is read', plant: (path) => huge(path) },
  {
    reason: 'a folder above it that is a link',
    plant: async (path, victim) => {
      await rm(dirname(path), { recursive: true });
      await symlink(dirname(victim), dirname(path));
    },
  },
  { reason: 'a file where a folder should be', plant: (path) => replaceFolder(path) },
  // Only root can make a device.
  ...(process.getuid?.() === 0
    ? [{ reason: 'a device that never ends', plant: (path: string) => run('mknod', [path, 'c', '1', '5']) }]
    : []),
];

async function huge(path: string): Promise<void> {
  await writeFile(path, '');
  await truncate(path, 2 ** 40);
}

async function replaceFolder(path: string): Promise<void> {
  await rm(dirname(path), { recursive: true });
  await writeFile(dirname(path), '');
}

/** Each file of a tree that is read by its name, and what reading it gives where it is none. */
const places: readonly {
  readonly name: string;
  path(tree: string): string;
  read(bench: StoreBench): Promise<unknown>;
  readonly nothing: unknown;
}[] = [
  {
    name: 'manifest',
    path: (tree) => layout.manifestPath(tree, 'tool', digest),
    read: ({ tree }) => tree.reader.readManifest('tool', digest),
    nothing: undefined,
  },
  {
    name: 'pushed manifest',
    path: (tree) => layout.pushedPath(tree, 'tool', digest),
    read: ({ tree }) => tree.reader.readManifest('tool', digest),
    nothing: undefined,
  },
  {
    name: 'publication',
    path: (tree) => join(layout.tagFolder(tree, 'tool', 'v1'), publicationName(publication)),
    read: ({ tree }) => tree.reader.publications('tool', 'v1'),
    nothing: [],
  },
  {
    name: 'referrer',
    path: (tree) => join(layout.referrersFolder(tree, 'tool', subject), layout.referrerName(digest)),
    read: ({ tree }) => tree.reader.referrers('tool', subject),
    nothing: [],
  },
  {
    name: 'progress',
    path: (tree) => layout.progressPath(tree, 'pod'),
    read: ({ tree }) => tree.reader.readProgress('pod'),
    nothing: undefined,
  },
  {
    name: 'layer',
    path: (tree) => layout.layerPath(tree, 'key'),
    read: ({ tree }) => tree.findLayer('key'),
    nothing: undefined,
  },
  {
    name: 'mark of the namespace',
    path: (tree) => join(tree, layout.namespaceFile),
    read: ({ store }) => store.owner('team'),
    nothing: undefined,
  },
];

/** Entries of a folder that a tenant has filled; `npm run test:large` makes more of them. */
const forged = process.env['NIXIMAGE_TEST_LARGE'] === '1' ? 1_000_000 : 30_000;

describe('what is read of a hostile tree', () => {
  for (const { name, path, read, nothing } of places)
    for (const { reason, plant } of plants)
      test(`${name}: ${reason}`, async (t) => {
        const bench = await storeBench(t);
        await bench.store.createNamespace('victim', 'other-uid');
        const [planted, victim] = [path(bench.path), path(bench.store.treePath('victim'))];
        for (const each of [planted, victim]) await mkdir(dirname(each), { recursive: true });
        await writeFile(victim, 'secret');
        await rm(planted, { force: true });
        await plant(planted, victim);
        const found = await read(bench);
        // Root reads what nobody may read: an empty file then, which is a progress that says nothing.
        if (Buffer.isBuffer(found)) assert.equal(found.length, 0);
        else assert.deepEqual(found, nothing);
        await collect(bench.path).catch((error: unknown) => assert.match(String(error), /link or no folder/));
        await removeImage(bench.path, 'tool', 'uid-1');
        assert.equal(await readFile(victim, 'utf8'), 'secret', "the other tenant's file is as it was");
      });

  for (const { reason, plant } of plants.filter((each) => !/nobody may read|larger/.test(each.reason)))
    test(`blob: ${reason}`, async (t) => {
      const bench = await storeBench(t);
      await bench.store.createNamespace('victim', 'other-uid');
      const other = await openTree(bench.store.treePath('victim'), 'builder-2');
      assert.equal(await other.putBlob(Buffer.from('secret')), digest);
      const [planted, victim] = [bench.path, bench.store.treePath('victim')].map((tree) =>
        layout.blobPath(tree, digest),
      );
      await plant(planted ?? '', victim ?? '');
      assert.equal(await bench.tree.reader.openBlob(digest), undefined);
      assert.equal(await bench.tree.lease(digest, 6), false);
      assert.equal(await other.reader.blobSize(digest), 6);
    });

  test('a socket where a blob should be', async (t) => {
    const { path, tree } = await storeBench(t);
    const server = createServer().listen(layout.blobPath(path, digest).replace(/[0-9a-f]{60}$/, ''));
    t.after(() => server.close());
    const [name = ''] = await readdir(join(path, 'blobs/sha256'));
    await run('mv', [join(path, 'blobs/sha256', name), layout.blobPath(path, digest)]);
    assert.equal(await tree.reader.openBlob(digest), undefined);
  });

  test("a manifest of another image's bytes, and one that is too long, are none", async (t) => {
    const { path, tree } = await storeBench(t);
    const { digest: own } = await writeImage(tree, 'tool', 'own');
    const { digest: other } = await writeImage(tree, 'tool', 'other');
    const bytes = await readFile(layout.manifestPath(path, 'tool', own));
    await writeFile(layout.manifestPath(path, 'tool', other), bytes);
    assert.equal(await tree.reader.readManifest('tool', other), undefined);
    assert.ok(await tree.reader.readManifest('tool', own));
    const long = Buffer.concat([bytes, Buffer.alloc(manifestLimit, ' ')]);
    await writeFile(layout.manifestPath(path, 'tool', digestOf(long)), long);
    assert.equal(await tree.reader.readManifest('tool', digestOf(long)), undefined);
  });

  test('a publication whose file has another name is none: it would make an old image the newest', async (t) => {
    const { path, tree } = await storeBench(t);
    await publish(tree, 'tool', await writeImage(tree, 'tool', 'text'));
    const newer = { ...publication, created: '2027-01-02T03:04:05Z' };
    const folder = layout.tagFolder(path, 'tool', 'v1');
    await writeFile(join(folder, publicationName(newer)), encodePublication(publication));
    assert.equal((await tree.reader.currentPublication('tool', 'v1'))?.created, '2026-01-02T03:04:05Z');
  });

  test(`a tag of ${forged} forged publications names nothing, and is not read to its end`, async (t) => {
    const { path, tree } = await storeBench(t);
    const folder = layout.tagFolder(path, 'tool', 'v1');
    await mkdir(folder, { recursive: true });
    const [time, , ...rest] = publicationName(publication).split('-');
    for (let ordinal = 1; ordinal <= forged; ordinal += 1)
      symlinkSync('/nowhere', `${folder}/${[time, String(ordinal).padStart(10, '0'), ...rest].join('-')}`);
    assert.deepEqual(await tree.reader.publications('tool', 'v1'), []);
    assert.equal(await tree.reader.currentPublication('tool', 'v1'), undefined);
    assert.deepEqual(await tree.reader.tags('tool'), { tags: ['v1'], isWhole: true });
    // Sooner than link by link.
    await run('rm', ['-rf', folder]);
  });
});
