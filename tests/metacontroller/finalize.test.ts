import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apply } from '../../metacontroller/embedded/objects/apply.ts';
import { childMap, image, imageKey } from './support/objects.ts';
import { Scene } from './support/scene.ts';

describe('the life of an image that is removed', () => {
  test('the hook is asked to finalize it until it says so; then it goes, and its children', async (t) => {
    const scene = await Scene.open(t);
    scene.answer = () => ({ children: [childMap('a'), childMap('b')] });
    await apply(scene.store, image('x'));
    await scene.settled();
    scene.answer = () => ({ status: { state: 'Going' }, children: [childMap('a')], resyncAfterSeconds: 1 });
    await scene.store.remove(imageKey);
    await scene.settled();
    assert.equal(scene.calls.at(-1)?.path, '/finalize');
    assert.equal(scene.calls.at(-1)?.body.finalizing, true);
    assert.deepEqual(scene.store.get(imageKey)?.['status'], { state: 'Going', observedGeneration: 2 });
    assert.equal(scene.get('ConfigMap', 'b'), undefined);
    scene.answer = () => ({ finalized: true, children: [childMap('c')] });
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
    await scene.store.remove(imageKey);
    await scene.settled();
    await scene.advance(60_000);
    assert.ok(scene.store.get(imageKey)?.metadata.deletionTimestamp);
  });

  test('one that is applied anew meanwhile is another one, with nothing of the first', async (t) => {
    const scene = await Scene.open(t);
    scene.answer = ({ path }) =>
      path === '/finalize' ? { finalized: true } : { status: { a: 1 }, children: [childMap('a')] };
    await apply(scene.store, image('x'));
    await scene.settled();
    const [first, child] = [scene.store.get(imageKey), scene.get('ConfigMap', 'a')];
    await scene.store.remove(imageKey);
    await scene.settled();
    assert.equal(await apply(scene.store, image('x')), 'created');
    await scene.settled();
    assert.notEqual(scene.store.get(imageKey)?.metadata.uid, first?.metadata.uid);
    assert.notEqual(scene.get('ConfigMap', 'a')?.metadata.uid, child?.metadata.uid);
  });

  test('finalized means nothing while it lives', async (t) => {
    const scene = await Scene.open(t);
    scene.answer = () => ({ finalized: true, children: [childMap('a')] });
    await apply(scene.store, image('x'));
    await scene.settled();
    assert.ok(scene.get('ConfigMap', 'a'));
    assert.equal(scene.store.get(imageKey)?.metadata.finalizers?.length, 1);
  });
});
