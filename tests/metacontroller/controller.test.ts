import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apply } from '../../metacontroller/embedded/objects/apply.ts';
import { childMap, configMap, image, imageKey } from './support/objects.ts';
import { Scene } from './support/scene.ts';

test('a round: finalizer, hook, children, status; then one more for what it changed, and none after', async (t) => {
  const scene = await Scene.open(t);
  scene.answer = () => ({ status: { state: 'Building' }, children: [childMap('a')] });
  await apply(scene.store, image('x'));
  await scene.settled();
  const parent = scene.store.get(imageKey);
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
    scene.answer = () => ({ children: [{ ...childMap('a'), data: { text } }] });
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
    scene.answer = () => ({ children: [childMap('a'), childMap('b')] });
    await apply(scene.store, image('x'));
    await scene.settled();
    scene.answer = () => ({ children: [childMap('b')] });
    scene.controller.resyncAll();
    await scene.settled();
    assert.equal(scene.get('ConfigMap', 'a'), undefined);
    assert.ok(scene.get('ConfigMap', 'b'));
  });

  test("somebody else's object of that name is neither touched nor observed, without a word", async (t) => {
    const scene = await Scene.open(t);
    const foreign = await scene.store.create(configMap('a'));
    scene.answer = () => ({ children: [childMap('a')] });
    await apply(scene.store, image('x'));
    await scene.settled();
    assert.equal(scene.get('ConfigMap', 'a'), foreign);
    assert.deepEqual(scene.calls.at(-1)?.body.children, { 'ConfigMap.v1': {}, 'Pod.v1': {} });
    assert.ok(scene.outcomes.every(({ kind }) => kind === 'Answered'));
  });

  test('what cannot be made is told and tried again; the rest is made, and the status written', async (t) => {
    const scene = await Scene.open(t);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
    scene.answer = () => ({ status: { state: 'Building' }, children: [secret, childMap('a')] });
    await apply(scene.store, image('x'));
    await scene.settled();
    assert.ok(scene.get('ConfigMap', 'a'));
    assert.deepEqual(scene.store.get(imageKey)?.['status'], { state: 'Building', observedGeneration: 1 });
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
      answer: {
        children: [{ ...childMap('b'), metadata: { name: 'b', labels: { 'controller-uid': 'u' } } }],
      },
    },
  ];
  for (const { reason, answer } of answers)
    test(`changes nothing, is told, and asked for again: ${reason}`, async (t) => {
      const scene = await Scene.open(t);
      scene.answer = () => ({ status: { state: 'Building' }, children: [childMap('a')] });
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
