import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apply } from '../../metacontroller/embedded/objects/apply.ts';
import { configMap, image } from './support/objects.ts';
import { Scene } from './support/scene.ts';

const key = { kind: 'NixImage', namespace: 'default', name: 'x' };
const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

test('a round: finalizer, hook, children, status; then one more for what it changed, and none after', async (t) => {
  const scene = await Scene.open(t);
  scene.answer = () => ({ status: { state: 'Building' }, children: [map('a')] });
  await apply(scene.store, image('x'));
  await scene.settled();
  const parent = scene.store.get(key);
  assert.deepEqual(parent?.metadata.finalizers, ['metacontroller.io/compositecontroller-niximages']);
  assert.deepEqual(parent?.['status'], { state: 'Building', observedGeneration: 1 });
  assert.ok(scene.get('ConfigMap', 'a'));
  const [first, last] = [scene.calls[0], scene.calls.at(-1)];
  assert.equal(first?.path, '/sync');
  assert.deepEqual(first?.body.children, { 'ConfigMap.v1': {}, 'Pod.v1': {} });
  assert.equal(first?.body.finalizing, false);
  assert.deepEqual(last?.body.children, { 'ConfigMap.v1': { a: scene.get('ConfigMap', 'a') }, 'Pod.v1': {} });
  assert.equal(last?.body.parent, parent);
  const calls = scene.calls.length;
  assert.ok(calls <= 4, `${calls} calls`);
  await scene.settled();
  assert.equal(scene.calls.length, calls);
  assert.deepEqual(
    scene.outcomes,
    scene.calls.map(() => ({ kind: 'Answered', remarks: [] })),
  );
});

describe('children', () => {
  test('a child that is there stays as it is, whatever is answered under its name', async (t) => {
    const scene = await Scene.open(t);
    let text = 'first';
    scene.answer = () => ({ children: [{ ...map('a'), data: { text } }] });
    await apply(scene.store, image('x'));
    await scene.settled();
    const before = scene.get('ConfigMap', 'a');
    text = 'second';
    scene.controller.resyncAll();
    await scene.settled();
    assert.equal(scene.get('ConfigMap', 'a'), before);
  });

  test('one that is no longer answered goes', async (t) => {
    const scene = await Scene.open(t);
    scene.answer = () => ({ children: [map('a'), map('b')] });
    await apply(scene.store, image('x'));
    await scene.settled();
    scene.answer = () => ({ children: [map('b')] });
    scene.controller.resyncAll();
    await scene.settled();
    assert.equal(scene.get('ConfigMap', 'a'), undefined);
    assert.ok(scene.get('ConfigMap', 'b'));
  });

  test("somebody else's object of that name is neither touched nor observed, without a word", async (t) => {
    const scene = await Scene.open(t);
    const foreign = await scene.store.create(configMap('a'));
    scene.answer = () => ({ children: [map('a')] });
    await apply(scene.store, image('x'));
    await scene.settled();
    assert.equal(scene.get('ConfigMap', 'a'), foreign);
    assert.deepEqual(scene.calls.at(-1)?.body.children, { 'ConfigMap.v1': {}, 'Pod.v1': {} });
    assert.ok(scene.outcomes.every(({ kind }) => kind === 'Answered'));
  });

  test('what cannot be made is told and tried again; the rest is made, and the status written', async (t) => {
    const scene = await Scene.open(t);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
    scene.answer = () => ({ status: { state: 'Building' }, children: [secret, map('a')] });
    await apply(scene.store, image('x'));
    await scene.settled();
    assert.ok(scene.get('ConfigMap', 'a'));
    assert.deepEqual(scene.store.get(key)?.['status'], { state: 'Building', observedGeneration: 1 });
    const outcome = scene.outcomes.at(-1);
    assert.equal(outcome?.kind, 'Failed');
    assert.match(
      outcome.kind === 'Failed' ? outcome.message : '',
      /^can't reconcile children for NixImage\/default\/x: can't create Secret\/default\/s/,
    );
    const calls = scene.calls.length;
    await scene.advance(60_000);
    assert.ok(scene.calls.length > calls);
  });
});

describe('an answer that cannot be taken', () => {
  const answers = [
    { reason: 'a status of text', answer: { status: 'Built' } },
    { reason: 'finalized in words', answer: { finalized: 'true' } },
    {
      reason: "another parent's label",
      answer: { children: [{ ...map('b'), metadata: { name: 'b', labels: { 'controller-uid': 'u' } } }] },
    },
  ];
  for (const { reason, answer } of answers)
    test(`changes nothing, is told, and asked for again: ${reason}`, async (t) => {
      const scene = await Scene.open(t);
      scene.answer = () => ({ status: { state: 'Building' }, children: [map('a')] });
      await apply(scene.store, image('x'));
      await scene.settled();
      const before = scene.store.all();
      scene.answer = () => answer;
      scene.controller.resyncAll();
      await scene.settled();
      assert.deepEqual(scene.store.all(), before);
      assert.equal(scene.outcomes.at(-1)?.kind, 'Failed');
      assert.equal(scene.clock.pending[0], 5);
    });
});

describe('time', () => {
  const rows: readonly {
    readonly reason: string;
    readonly answer: unknown;
    readonly at: readonly number[];
  }[] = [
    { reason: 'nothing is asked for', answer: {}, at: [120_000] },
    { reason: 'parts of a second', answer: { resyncAfterSeconds: 0.5 }, at: [500, 120_000] },
    { reason: 'longer than the period', answer: { resyncAfterSeconds: 1e9 }, at: [120_000, 1e12] },
    { reason: 'a time that is over', answer: { resyncAfterSeconds: -1 }, at: [120_000] },
  ];
  for (const { reason, answer, at } of rows)
    test(`the next round is after ${at.join(' and ')} ms: ${reason}`, async (t) => {
      const scene = await Scene.open(t);
      scene.answer = () => answer;
      await apply(scene.store, image('x'));
      await scene.settled();
      assert.deepEqual(scene.clock.pending, at);
      const calls = scene.calls.length;
      await scene.advance((at[0] ?? 0) - 1);
      assert.equal(scene.calls.length, calls);
      await scene.advance(1);
      assert.equal(scene.calls.length, calls + 1);
    });

  test('what was asked for once is not asked for for ever', async (t) => {
    const scene = await Scene.open(t);
    scene.answer = () => ({ resyncAfterSeconds: 3 });
    await apply(scene.store, image('x'));
    await scene.settled();
    scene.answer = () => ({});
    await scene.advance(3_000);
    const calls = scene.calls.length;
    await scene.advance(100_000);
    assert.equal(scene.calls.length, calls);
  });

  test('a 429 is no failure: the hook is left alone for as long as it asks', async (t) => {
    const scene = await Scene.open(t);
    scene.http = { status: 429, retryAfter: '3' };
    await apply(scene.store, image('x'));
    await scene.settled();
    const calls = scene.calls.length;
    assert.equal(scene.clock.pending[0], 3_000);
    await scene.advance(2_999);
    assert.equal(scene.calls.length, calls);
    await scene.advance(1);
    assert.equal(scene.calls.length, calls + 1);
    assert.deepEqual(new Set(scene.outcomes.map(({ kind }) => kind)), new Set(['Waits']));
  });

  test('a 429 that names no time is asked again with growing pauses, still without an event', async (t) => {
    const scene = await Scene.open(t);
    scene.http = { status: 429 };
    await apply(scene.store, image('x'));
    await scene.settled();
    await scene.advance(5_000);
    assert.ok(scene.calls.length < 20, `${scene.calls.length} calls`);
    assert.deepEqual(new Set(scene.outcomes.map(({ kind }) => kind)), new Set(['Waits']));
  });
});

describe('the life of an image that is removed', () => {
  test('the hook is asked to finalize it until it says so; then it goes, and its children', async (t) => {
    const scene = await Scene.open(t);
    scene.answer = () => ({ children: [map('a'), map('b')] });
    await apply(scene.store, image('x'));
    await scene.settled();
    scene.answer = () => ({ status: { state: 'Going' }, children: [map('a')], resyncAfterSeconds: 1 });
    await scene.store.remove(key);
    await scene.settled();
    assert.equal(scene.calls.at(-1)?.path, '/finalize');
    assert.equal(scene.calls.at(-1)?.body.finalizing, true);
    assert.deepEqual(scene.store.get(key)?.['status'], { state: 'Going', observedGeneration: 2 });
    assert.equal(scene.get('ConfigMap', 'b'), undefined);
    scene.answer = () => ({ finalized: true, children: [map('c')] });
    await scene.advance(1000);
    assert.deepEqual(
      scene.store.all().map(({ kind }) => kind),
      ['Namespace'],
    );
    assert.equal(
      scene.events.some(({ object }) => object.metadata.name === 'c'),
      false,
    );
  });

  test('while the hook is away it stays', async (t) => {
    const scene = await Scene.open(t);
    await apply(scene.store, image('x'));
    await scene.settled();
    scene.answer = () => assert.fail('the hook is away');
    await scene.store.remove(key);
    await scene.settled();
    await scene.advance(60_000);
    assert.ok(scene.store.get(key)?.metadata.deletionTimestamp);
  });

  test('one that is applied anew meanwhile is another one, with nothing of the first', async (t) => {
    const scene = await Scene.open(t);
    scene.answer = ({ path }) =>
      path === '/finalize' ? { finalized: true } : { status: { a: 1 }, children: [map('a')] };
    await apply(scene.store, image('x'));
    await scene.settled();
    const [first, child] = [scene.store.get(key), scene.get('ConfigMap', 'a')];
    await scene.store.remove(key);
    await scene.settled();
    assert.equal(await apply(scene.store, image('x')), 'created');
    await scene.settled();
    assert.notEqual(scene.store.get(key)?.metadata.uid, first?.metadata.uid);
    assert.notEqual(scene.get('ConfigMap', 'a')?.metadata.uid, child?.metadata.uid);
  });

  test('finalized means nothing while it lives', async (t) => {
    const scene = await Scene.open(t);
    scene.answer = () => ({ finalized: true, children: [map('a')] });
    await apply(scene.store, image('x'));
    await scene.settled();
    assert.ok(scene.get('ConfigMap', 'a'));
    assert.equal(scene.store.get(key)?.metadata.finalizers?.length, 1);
  });
});

test('a namespace is made before the hook is asked, once, and again where that failed', async (t) => {
  const scene = await Scene.open(t);
  const asked: string[] = [];
  let works = false;
  scene.ensure = async (namespace, uid) => {
    asked.push(`${namespace} ${uid}`);
    if (!works) throw new Error('the keeper is away');
  };
  for (const name of ['x', 'y']) await apply(scene.store, image(name));
  await scene.settled();
  assert.equal(scene.calls.length, 0);
  assert.deepEqual(scene.outcomes[0], { kind: 'Failed', message: 'the keeper is away' });
  works = true;
  await scene.advance(60_000);
  const uid = scene.get('Namespace', 'default', '')?.metadata.uid;
  assert.deepEqual([...new Set(asked)], [`default ${uid}`]);
  assert.ok(scene.calls.length >= 2);
  const before = asked.length;
  await scene.advance(120_000);
  assert.equal(asked.length, before);
});
