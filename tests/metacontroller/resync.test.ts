import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apply } from '../../metacontroller/embedded/objects/apply.ts';
import { image } from './support/objects.ts';
import { Scene } from './support/scene.ts';

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
