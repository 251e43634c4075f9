import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apply } from '../../metacontroller/embedded/objects/apply.ts';
import { Node, phase, pod } from './support/node.ts';
import { block, childMap, image, imageKey } from './support/objects.ts';
import { Scene } from './support/scene.ts';

describe('a disk that cannot be written: Pods', () => {
  test('ends nothing: what could not be written is, as soon as it can be, and is told once', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a'));
    const unblock = await block(node.folder, 'Pod', 'a');
    await node.end('a', 0);
    await node.advance(60_000);
    assert.equal(phase(node.get('a')), 'Running');
    assert.equal(node.said.length, 1);
    assert.match(node.said[0] ?? '', /^Pod\/default\/a cannot be brought further for now: EISDIR/);
    await unblock();
    await node.advance(30_000);
    assert.equal(phase(node.get('a')), 'Succeeded');
  });

  test('a Pod that cannot be bound is not run; one whose start cannot be told runs once', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('z'), pod('a'), pod('b'));
    const unblock = await block(node.folder, 'Pod', 'a');
    await node.end('z', 0);
    assert.deepEqual(node.runtime.started, ['z']);
    await unblock();
    await node.advance(30_000);
    assert.deepEqual(node.runtime.started, ['z', 'a']);
    let unblockStart = async () => {};
    node.runtime.beforeRun = async () => {
      unblockStart = await block(node.folder, 'Pod', 'b');
    };
    await node.end('a', 0);
    assert.equal(phase(node.get('b')), 'Pending');
    await node.advance(60_000);
    await unblockStart();
    await node.advance(30_000);
    assert.equal(phase(node.get('b')), 'Running');
    assert.deepEqual(node.runtime.started, ['z', 'a', 'b']);
  });

  test('a deletion is tried again', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a'));
    const process = node.runtime.process(node.get('a'));
    process.onTerm = undefined;
    await node.store.remove({ kind: 'Pod', namespace: 'default', name: 'a' });
    const unblock = await block(node.folder, 'Pod', 'a');
    process.end(143);
    await node.settled();
    assert.equal(phase(node.get('a')), 'Running');
    await unblock();
    await node.advance(30_000);
    assert.equal(node.get('a'), undefined);
  });
});

describe('a disk that cannot be written: images', () => {
  test('a parent: the failure is told, and the round is done again', async (t) => {
    const scene = await Scene.open(t);
    scene.answer = () => ({ status: { state: 'Built' } });
    await scene.store.create(image('x'));
    const unblock = await block(scene.folder, 'NixImage', 'x');
    await scene.settled();
    const [outcome] = scene.outcomes;
    assert.match(outcome?.kind === 'Failed' ? outcome.message : '', /^EISDIR/);
    await unblock();
    await scene.advance(30_000);
    assert.deepEqual(scene.store.get(imageKey)?.['status'], { state: 'Built', observedGeneration: 1 });
  });

  test('a child: the others are made, the status written, and that one made as soon as it can be', async (t) => {
    const scene = await Scene.open(t);
    const unblock = await block(scene.folder, 'ConfigMap', 'a');
    scene.answer = () => ({ status: { state: 'Building' }, children: [childMap('a'), childMap('b')] });
    await apply(scene.store, image('x'));
    await scene.settled();
    const outcome = scene.outcomes.at(-1);
    assert.match(
      outcome?.kind === 'Failed' ? outcome.message : '',
      /^can't reconcile children for NixImage\/default\/x: can't create ConfigMap\/default\/a: EISDIR/,
    );
    assert.ok(scene.get('ConfigMap', 'b'));
    assert.deepEqual(scene.store.get(imageKey)?.['status'], { state: 'Building', observedGeneration: 1 });
    await unblock();
    await scene.advance(30_000);
    assert.ok(scene.get('ConfigMap', 'a'));
  });
});
