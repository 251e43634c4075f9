import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GarbageCollector } from '../../metacontroller/embedded/objects/garbageCollector.ts';
import { keyOf } from '../../metacontroller/embedded/objects/kubeObject.ts';
import { ObjectStore } from '../../metacontroller/embedded/objects/objectStore.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { FakeClock } from './support/fakeClock.ts';
import { block, configMap, image, openStore, owner } from './support/objects.ts';

const names = (store: ObjectStore) => store.list('ConfigMap').map(({ metadata }) => metadata.name);

test('at its start what has lost all of its owners goes, and nothing else', async (t) => {
  const store = await openStore(t);
  const parent = await store.create(image('x'));
  assert.ok(parent);
  const { uid } = parent.metadata;
  const rows: readonly { readonly name: string; readonly owners?: ReturnType<typeof owner>[] }[] = [
    { name: 'free' },
    { name: 'owned', owners: [owner('x', uid)] },
    { name: 'orphan', owners: [owner('gone', 'uid-of-gone')] },
    { name: 'of-an-earlier-x', owners: [owner('x', 'uid-of-earlier')] },
    { name: 'one-is-left', owners: [owner('gone', 'uid-of-gone'), owner('x', uid)] },
  ];
  for (const { name, owners } of rows)
    await store.create(configMap(name, owners === undefined ? {} : { owners }));
  await store.create(configMap('elsewhere', { namespace: 'team', owners: [owner('x', uid)] }));
  const garbage = new GarbageCollector(store, new FakeClock(), () => {});
  t.after(() => garbage.close());
  await garbage.start();
  assert.deepEqual(names(store), ['free', 'owned', 'one-is-left']);
});

test('what loses its owner goes, and what is made for an owner that is gone', async (t) => {
  const store = await openStore(t);
  const garbage = new GarbageCollector(store, new FakeClock(), () => {});
  t.after(() => garbage.close());
  const parent = await store.create(image('x'));
  assert.ok(parent);
  const owners = [owner('x', parent.metadata.uid)];
  await store.create(configMap('a', { owners }));
  await garbage.idle();
  assert.deepEqual(names(store), ['a']);
  await store.remove(keyOf(parent));
  await garbage.idle();
  assert.deepEqual(names(store), []);
  await store.create(configMap('late', { owners }));
  await garbage.idle();
  assert.deepEqual(names(store), []);
});

test('what cannot be deleted is told once, and deleted as soon as it can be', async (t) => {
  const folder = await temporaryFolder(t);
  const store = await ObjectStore.open(folder, () => {});
  const { metadata, ...orphan } = configMap('a', { owners: [owner('gone', 'uid-of-gone')] });
  // One that goes at once is not written; this one is, to be marked.
  await store.create({ ...orphan, metadata: { ...metadata, finalizers: ['somebody'] } });
  const unblock = await block(folder, 'ConfigMap', 'a');
  const clock = new FakeClock();
  const said: string[] = [];
  const garbage = new GarbageCollector(store, clock, (sentence) => said.push(sentence));
  t.after(() => garbage.close());
  await garbage.start();
  clock.advance(1_000);
  await garbage.idle();
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /^ConfigMap\/default\/a has no owner and cannot be deleted: EISDIR/);
  await unblock();
  clock.advance(30_000);
  await garbage.idle();
  assert.ok(store.list('ConfigMap')[0]?.metadata.deletionTimestamp);
});
