import assert from 'node:assert/strict';
import { link, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Digest, digestOf, hexOf } from '../../oci/digest.ts';
import { collect } from '../../oci/store/collect.ts';
import { PushTree } from '../../oci/store/push/pushTree.ts';
import { removeImage } from '../../oci/store/removeImage.ts';
import { type NamespaceTree, openTree } from '../../oci/store/tree.ts';
import { publish, type StoreBench, storeBench, writeImage } from './support/tree.ts';

/** Nothing is spared for its age, but what this very run set aside. */
const atOnce = { unused: 0, retired: 0, leftover: 0 };
const soon = (): number => Date.now() + 1000;

async function blobs({ path }: StoreBench): Promise<string[]> {
  return await readdir(join(path, 'blobs/sha256'));
}

describe('collect', () => {
  test('what no manifest names is set aside in one run, and removed in a later one', async (t) => {
    const bench = await storeBench(t);
    const { path, tree } = bench;
    await publish(tree, 'tool', await writeImage(tree, 'tool', 'kept'));
    const unused = await tree.putBlob(Buffer.from('unused'));
    await tree.releaseLeases();
    const first = await collect(path, atOnce, soon());
    assert.deepEqual(first, { retired: 1, calledBack: 0, removed: 0, bytes: 0 });
    assert.ok(!(await blobs(bench)).includes(hexOf(unused)));
    const opened = await tree.reader.openBlob(unused);
    await opened?.file.close();
    assert.equal(opened?.size, 6, 'it is read as before');
    const second = await collect(path, atOnce, soon());
    assert.deepEqual(second, { retired: 0, calledBack: 0, removed: 1, bytes: 6 });
    assert.equal(await tree.reader.openBlob(unused), undefined);
    assert.deepEqual(await collect(path, atOnce, soon()), {
      retired: 0,
      calledBack: 0,
      removed: 0,
      bytes: 0,
    });
    const current = await tree.reader.currentPublication('tool', 'v1');
    assert.ok(current !== undefined && (await tree.reader.isComplete('tool', current)));
  });

  test('an image that is removed leaves what it shares', async (t) => {
    const bench = await storeBench(t);
    const { path, tree } = bench;
    await publish(tree, 'one', await writeImage(tree, 'one', 'shared'));
    await publish(tree, 'two', await writeImage(tree, 'two', 'shared'), { uid: 'uid-2' });
    await publish(tree, 'one', await writeImage(tree, 'one', 'its own'), { tag: 'v2' });
    await tree.releaseLeases();
    await removeImage(path, 'one', 'uid-1');
    assert.equal((await collect(path, atOnce, soon())).retired, 2, 'its own layer, and its config');
    const current = await tree.reader.currentPublication('two', 'v1');
    assert.ok(current !== undefined && (await tree.reader.isComplete('two', current)));
  });

  test('what is young, leased, or pushed and named stays', async (t) => {
    const bench = await storeBench(t);
    const { path, tree } = bench;
    await tree.putBlob(Buffer.from('young'));
    assert.equal((await collect(path)).retired, 0);
    const leased = await tree.putBlob(Buffer.from('leased'));
    await tree.lease(leased, 6);
    const push = new PushTree(path);
    const config = await tree.putBlob(Buffer.from('{}'));
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: config, size: 2 },
        layers: [],
      }),
    );
    await push.putManifest('tool', digestOf(manifest), manifest);
    assert.equal((await collect(path, { ...atOnce, leftover: 60_000 }, soon())).retired, 1, 'the young one');
    assert.deepEqual((await blobs(bench)).sort(), [hexOf(leased), hexOf(config)].sort());
  });

  test('a retired blob comes back for a manifest, a lease, and a client that pushes', async (t) => {
    const bench = await storeBench(t);
    const { path, tree } = bench;
    const users: readonly { readonly reason: string; use(digest: Digest): Promise<unknown> }[] = [
      { reason: 'a builder that has the same layer', use: (digest) => tree.lease(digest, 4) },
      { reason: 'a client that says it knows it', use: (digest) => new PushTree(path).hasBlob(digest) },
      {
        reason: 'a lease that was taken in the same moment',
        async use(digest) {
          await mkdir(join(path, 'leases/other'), { recursive: true });
          await link(join(path, 'retired/sha256', hexOf(digest)), join(path, 'leases/other', hexOf(digest)));
          assert.equal((await collect(path, { ...atOnce, leftover: 60_000 }, soon())).calledBack, 1);
          return true;
        },
      },
    ];
    for (const [index, { reason, use }] of users.entries()) {
      const digest = await tree.putBlob(Buffer.from(`use${index}`));
      await collect(path, { ...atOnce, leftover: 60_000 }, soon());
      assert.ok(!(await blobs(bench)).includes(hexOf(digest)), reason);
      assert.equal(await use(digest), true, reason);
      assert.ok((await blobs(bench)).includes(hexOf(digest)), reason);
      await tree.releaseLeases();
    }
  });

  test('what killed builders left behind goes after a day: temporary files, trash, leases, progress', async (t) => {
    const { path, tree } = await storeBench(t);
    const digest = await tree.putBlob(Buffer.from('text'));
    await tree.lease(digest, 4);
    await tree.writeProgress('{}');
    await writeFile(join(path, 'progress/_tool.json'), '{}');
    await writeFile(join(path, 'tmp/left'), '');
    await writeFile(join(path, 'trash/left'), '');
    await collect(path);
    assert.equal((await readdir(join(path, 'leases'))).length, 1, 'not before');
    await collect(path, undefined, Date.now() + 25 * 60 * 60 * 1000);
    for (const [folder, names] of [
      ['leases', []],
      ['tmp', []],
      ['trash', []],
      ['progress', ['_tool.json']],
    ] as const)
      assert.deepEqual(await readdir(join(path, folder)), names, folder);
  });

  test('hostile trees: what is no blob is left alone, and no link is followed', async (t) => {
    const { path, store, tree } = await storeBench(t);
    await store.createNamespace('victim', 'other-uid');
    const other = await openTree(store.treePath('victim'), 'builder-2');
    const theirs = await other.putBlob(Buffer.from('theirs'));
    await tree.putBlob(Buffer.from('unused'));
    await mkdir(join(path, 'blobs/sha256', 'f'.repeat(64)));
    await rm(join(path, 'trash'), { recursive: true });
    await symlink(join(store.treePath('victim'), 'blobs/sha256'), join(path, 'trash'));
    await symlink(join(store.treePath('victim'), 'blobs'), join(path, 'retired'));
    await assert.rejects(collect(path, atOnce, soon()), /is a link or no folder/);
    await rm(join(path, 'retired'));
    assert.equal((await collect(path, atOnce, soon())).retired, 1);
    assert.equal((await stat(join(store.treePath('victim'), 'blobs/sha256', hexOf(theirs)))).size, 6);
  });
});

/** What the actors of the model do; each runs for itself, and their file operations interleave as they come. */
type Step =
  | { readonly actor: 'build'; readonly image: 'a' | 'b'; readonly text: string; readonly pod: number }
  | { readonly actor: 'remove'; readonly image: 'a' | 'b' }
  | { readonly actor: 'collect' };

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        actor: fc.constant('build' as const),
        image: fc.constantFrom('a' as const, 'b' as const),
        text: fc.constantFrom('one', 'two', 'three'),
        pod: fc.nat(2),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        actor: fc.constant('remove' as const),
        image: fc.constantFrom('a' as const, 'b' as const),
      }),
    },
    { weight: 3, arbitrary: fc.constant({ actor: 'collect' as const }) },
  ),
  { minLength: 6, maxLength: 40 },
);

test('builders, the finalizer and the collector at once: a tag never names what is not whole', async (t) => {
  await fc.assert(
    fc.asyncProperty(steps, async (all: Step[]) => {
      const bench = await storeBench(t);
      let ordinal = 0;
      const uids = { a: 1, b: 1 };
      const builders = await Promise.all([0, 1, 2].map((pod) => openTree(bench.path, `builder-${pod}`)));
      const act = async (step: Step): Promise<void> => {
        switch (step.actor) {
          case 'build': {
            const tree = builders[step.pod] ?? bench.tree;
            ordinal += 1;
            const number = ordinal;
            const uid = `uid-${uids[step.image]}`;
            await buildWhole(tree, step.image, step.text, number, uid);
            return;
          }
          case 'remove': {
            const uid = uids[step.image];
            uids[step.image] += 1;
            await removeImage(bench.path, step.image, `uid-${uid}`);
            return;
          }
          case 'collect':
            await collect(bench.path, { ...atOnce, leftover: 3_600_000 });
        }
      };
      const queues: Step[][] = [[], [], [], [], []];
      for (const step of all) queues[queueOf(step)]?.push(step);
      const ended = new AbortController();
      const watch = async (): Promise<void> => {
        while (!ended.signal.aborted) for (const image of ['a', 'b']) await assertWhole(bench.tree, image);
      };
      const work = async (): Promise<void> => {
        const each = async (queue: readonly Step[]): Promise<void> => {
          for (const step of queue) await act(step);
        };
        await Promise.all(queues.map(each)).finally(() => ended.abort());
      };
      await Promise.all([watch(), work()]);
    }),
    { numRuns: 25 },
  );
});

/** Builders of one Pod name, the finalizer, and the collector each do one thing at a time. */
function queueOf(step: Step): number {
  switch (step.actor) {
    case 'build':
      return step.pod;
    case 'remove':
      return 3;
    case 'collect':
      return 4;
  }
}

/** As the builder does it: blobs and their leases, the manifest, the tag; what went away meanwhile is built again. */
async function buildWhole(
  tree: NamespaceTree,
  image: string,
  text: string,
  ordinal: number,
  uid: string,
): Promise<void> {
  for (;;) {
    const written = await writeImage(tree, image, text);
    if (written.leased) {
      await publish(tree, image, written, {
        ordinal,
        uid,
        created: `2026-01-02T03:${uid.slice(4).padStart(2, '0')}:05Z`,
      });
      await tree.releaseLeases();
      return;
    }
  }
}

/** A tag whose publication is there before and after the look names a whole image. */
async function assertWhole(tree: NamespaceTree, image: string): Promise<void> {
  const current = await tree.reader.currentPublication(image, 'v1');
  if (current === undefined || (await tree.reader.isComplete(image, current))) return;
  const still = (await tree.reader.publications(image, 'v1')).some(
    ({ ordinal, uid }) => ordinal === current.ordinal && uid === current.uid,
  );
  assert.ok(!still, `${image} names ${current.digest}, which is not whole`);
}
