import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { apply } from '../../metacontroller/embedded/objects/apply.ts';
import { type KubeObject, keyOf } from '../../metacontroller/embedded/objects/kubeObject.ts';
import { ObjectStore } from '../../metacontroller/embedded/objects/objectStore.ts';
import { readObjects } from '../../metacontroller/embedded/objects/readObjects.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { configMap, image, openStore } from './support/objects.ts';

const key = { kind: 'NixImage', namespace: 'default', name: 'x' };

describe('the generation', () => {
  const changes: readonly {
    readonly reason: string;
    readonly change: (object: KubeObject) => KubeObject;
    readonly generation: number;
  }[] = [
    { reason: 'the same', change: (object) => ({ ...object }), generation: 1 },
    { reason: 'a status', change: (object) => ({ ...object, status: { state: 'Built' } }), generation: 1 },
    {
      reason: 'labels',
      change: (object) => ({ ...object, metadata: { ...object.metadata, labels: { a: 'b' } } }),
      generation: 1,
    },
    { reason: 'data', change: (object) => ({ ...object, data: { contents: ['jq'] } }), generation: 2 },
  ];
  for (const { reason, change, generation } of changes)
    test(`after a change of ${reason} is ${generation}`, async (t) => {
      const store = await openStore(t);
      await store.create(image('x'));
      assert.equal((await store.update(key, change))?.metadata.generation, generation);
    });

  test('rises with the deletion, once', async (t) => {
    const store = await openStore(t);
    await store.create({ ...image('x'), metadata: { ...image('x').metadata, finalizers: ['a'] } });
    await store.remove(key);
    await store.remove(key);
    assert.equal(store.get(key)?.metadata.generation, 2);
  });
});

test('what is applied again keeps its uid and status, and is written only where it differs', async (t) => {
  const store = await openStore(t);
  assert.equal(await apply(store, image('x')), 'created');
  const before = await store.update(key, (object) => ({ ...object, status: { state: 'Built' } }));
  assert.equal(await apply(store, image('x')), 'unchanged');
  assert.equal(store.get(key), before);
  assert.equal(await apply(store, image('x', { contents: ['jq'] })), 'configured');
  const after = store.get(key);
  assert.equal(after?.metadata.uid, before?.metadata.uid);
  assert.deepEqual(after?.['status'], { state: 'Built' });
});

test('a name that is taken is not taken twice', async (t) => {
  const store = await openStore(t);
  const first = await store.create(configMap('x'));
  assert.equal(await store.create({ ...configMap('x'), data: {} }), undefined);
  assert.equal(store.get({ ...key, kind: 'ConfigMap' }), first);
});

test('a key with a uid never means a later object of the same name', async (t) => {
  const store = await openStore(t);
  const first = await store.create(image('x'));
  assert.ok(first);
  await store.remove(keyOf(first));
  const second = await store.create(image('x'));
  assert.equal(store.get(keyOf(first)), undefined);
  assert.equal(await store.update(keyOf(first), () => assert.fail('another object was given')), undefined);
  await store.remove(keyOf(first));
  assert.equal(store.get(key), second);
});

test('without finalizers an object goes at once, with them when the last one does', async (t) => {
  const store = await openStore(t);
  const types: string[] = [];
  store.watch(({ type }) => types.push(type));
  await store.create({ ...image('x'), metadata: { ...image('x').metadata, finalizers: ['a', 'b'] } });
  await store.remove(key);
  for (const finalizers of [['b'], []])
    await store.update(key, (object) => ({ ...object, metadata: { ...object.metadata, finalizers } }));
  assert.equal(store.get(key), undefined);
  await store.create(image('x'));
  await store.remove(key);
  assert.deepEqual(types, ['Added', 'Modified', 'Modified', 'Deleted', 'Added', 'Deleted']);
});

test('objects outlive the process, in the order in which they came', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await ObjectStore.open(folder, () => {});
  // Within a second or so: names would order them another way.
  const names = ['c', 'a', 'd', 'b'];
  for (const name of names) await first.create(configMap(name));
  const said: string[] = [];
  const second = await ObjectStore.open(folder, (sentence) => said.push(sentence));
  assert.deepEqual(
    second.list('ConfigMap').map(({ metadata }) => metadata.name),
    names,
  );
  assert.deepEqual(second.all(), first.all());
  const made = await second.create(configMap('e'));
  assert.ok(first.all().every(({ metadata }) => metadata.resourceVersion !== made?.metadata.resourceVersion));
  assert.deepEqual(said, []);
});

test('a file that holds no object is set aside, and told; a draft is no object', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await ObjectStore.open(folder, () => {});
  await first.create(configMap('x'));
  const place = join(folder, 'ConfigMap', 'default');
  await writeFile(join(place, 'cut.json'), '{"kind":"ConfigMap","meta');
  await writeFile(join(place, 'x.json.new'), '{');
  const said: string[] = [];
  const second = await ObjectStore.open(folder, (sentence) => said.push(sentence));
  assert.deepEqual(second.all(), first.all());
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /cut\.json held no object/);
  assert.ok((await readdir(place)).includes('cut.json.unreadable'));
  assert.deepEqual(await readObjects(folder, 'ConfigMap'), first.all());
});

test('what cannot be written is not told, and leaves the object as it was', async (t) => {
  const folder = await temporaryFolder(t);
  const store = await ObjectStore.open(folder, () => {});
  const before = await store.create(image('x'));
  const place = join(folder, 'NixImage', 'default');
  store.watch(() => assert.fail('nothing changed'));
  // A folder in the place of the draft: not even root can write it.
  const draft = join(place, 'x.json.new');
  await mkdir(draft);
  await assert.rejects(
    store.update(key, (object) => ({ ...object, status: { state: 'Built' } })),
    { code: 'EISDIR' },
  );
  assert.equal(store.get(key), before);
});
