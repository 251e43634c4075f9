import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { condition, truths } from './support/status.ts';
import { time, World, wanted } from './support/world.ts';

const wait = { turn: 'Wait', place: 5, of: 40, askAgainSeconds: 3.5 } as const;

/** An image that waits, having been told its place. */
function waiting(): World {
  const world = new World();
  world.turn = wait;
  world.settle();
  return world;
}

/** What the keeper is told of what is built. */
function product({ status }: World) {
  const uid = '0b6c1d4e-0000-4000-8000-000000000001';
  return { tag: 'v1', inputHash: status?.build?.inputHash, uid };
}

function start(world: World, since: string) {
  const { status } = world;
  return {
    use: 'Start',
    pod: status?.build?.pod,
    since,
    product: product(world),
    ready: true,
    untold: false,
  };
}

describe('a build that waits for its turn', () => {
  test('stands in line from the first sync on, before it could be started', () => {
    const world = new World();
    world.turn = wait;
    const { status, children } = world.step();
    assert.equal(condition(status, 'Ready').reason, 'Queued');
    assert.equal(children.length, 1, 'its ConfigMap is made meanwhile');
    assert.deepEqual(world.slot, { ...start(world, time(0)), ready: false, untold: true });
    world.step();
    assert.deepEqual(world.slot, start(world, time(0)));
  });

  test('is said to wait until its Pod runs, so that no status is written in between', () => {
    const world = waiting();
    world.turn = undefined;
    const before = JSON.stringify(world.status);
    const { children } = world.step();
    assert.equal(children.length, 2);
    assert.equal(JSON.stringify(world.status), before);
    world.settle();
    assert.equal(JSON.stringify(world.status), before);
    assert.equal(world.slot?.use, 'Hold');
    world.run();
    assert.equal(world.settle().status.state, 'Building');
    assert.equal(world.status?.queue, undefined);
  });

  test('has no Pod, and its place stands in the status', () => {
    const world = waiting();
    const { status, resyncAfterSeconds, children } = world.settle();
    assert.deepEqual(status.queue, { since: time(0), position: 5, of: 40 });
    assert.equal(status.state, 'BuildPending');
    assert.equal(truths(status), 'False True False');
    assert.equal(condition(status, 'Ready').reason, 'Queued');
    assert.match(condition(status, 'Ready').message, /number 5 of the 40 that wait/);
    assert.deepEqual(
      children.map(({ kind }) => kind),
      ['ConfigMap'],
    );
    assert.equal(resyncAfterSeconds, 3.5);
  });

  test('is no child that does not appear, however long it waits', () => {
    const world = waiting();
    world.seconds = 3600;
    assert.equal(truths(world.settle().status), 'False True False');
  });

  test('is started when its turn comes, and nothing of the queue stays in the status', () => {
    const world = waiting();
    world.seconds = 3600;
    world.turn = undefined;
    world.seconds += world.settle().resyncAfterSeconds ?? Number.NaN;
    world.settle();
    assert.equal(world.status?.queue, undefined);
    assert.equal(truths(world.status), 'False True False', 'its patience begins with its turn');
    world.run();
    world.settle();
    assert.equal(world.status?.state, 'Building');
  });

  test('keeps its place when a label changes, and loses it with other contents', () => {
    const world = waiting();
    world.seconds = 60;
    const { data } = world;
    world.change(data);
    world.settle();
    assert.deepEqual(world.slot, start(world, time(0)));
    world.change({ tag: 'v1', contents: ['curl'] });
    world.settle();
    assert.deepEqual(world.slot, start(world, time(60)));
  });

  test('where the keeper cannot tell whose turn it is, nothing is started', () => {
    const world = waiting();
    world.turn = { turn: 'Unknown', reason: 'it is away' };
    const response = world.settle();
    assert.equal(wanted(response, 'Pod').size, 0);
    assert.match(condition(response.status, 'Ready').message, /cannot be told now: it is away/);
    assert.equal(response.resyncAfterSeconds, 5);
  });
});

describe('what the keeper is told of a build', () => {
  test('from its start to its end', () => {
    const world = new World();
    const said: unknown[] = [];
    const settle = (): void => {
      world.settle();
      said.push(world.slot);
    };
    settle();
    world.run();
    settle();
    world.end('Succeeded');
    settle();
    world.publish();
    world.step();
    said.push(world.slot);
    world.settle();
    said.push(world.slot);
    const pod = world.status?.build?.pod;
    const held = { use: 'Hold', pod, since: time(0), product: product(world) };
    const free = { use: 'Free' };
    assert.deepEqual(said, [{ ...held, running: false }, { ...held, running: true }, free, free, undefined]);
  });

  test('between two attempts it has no slot', () => {
    const world = new World();
    world.settle();
    world.setStatus({ phase: 'Failed', reason: 'Evicted', message: 'the node is full' });
    world.settle();
    assert.deepEqual(world.slot, { use: 'Free' });
    world.seconds = 30;
    world.step();
    assert.equal(world.slot?.use, 'Start');
  });

  test('one that is suspended, or wrong, gives its slot back', () => {
    for (const data of [
      { tag: 'v1', contents: ['curl'], suspend: true },
      { tag: 'v1', contents: ['1 2'] },
    ]) {
      const world = new World();
      world.settle();
      world.change(data);
      world.step();
      assert.deepEqual(world.slot, { use: 'Free' });
    }
  });

  test('nothing, while the volume is away', () => {
    const world = new World();
    world.settle();
    world.image = { state: 'Unknown', reason: 'the volume is away' };
    world.step();
    assert.equal(world.slot, undefined);
  });
});
