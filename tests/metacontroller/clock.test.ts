import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../metacontroller/embedded/clock.ts';

const days = 24 * 60 * 60 * 1000;
/** Milliseconds that one timer of Node.js can wait. */
const longest = 2 ** 31 - 1;

test('a time longer than a timer of Node.js holds is waited for whole', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let calls = 0;
  systemClock.later(2 * longest + 60, () => (calls += 1));
  for (const milliseconds of [1, longest - 1, longest, 59]) {
    t.mock.timers.tick(milliseconds);
    assert.equal(calls, 0);
  }
  t.mock.timers.tick(1);
  assert.equal(calls, 1);
  t.mock.timers.tick(60 * days);
  assert.equal(calls, 1);
});

test('a time that is taken back never comes, in its first part or a later one', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let calls = 0;
  const cancels = [1, 60 * days].map((milliseconds) => systemClock.later(milliseconds, () => (calls += 1)));
  cancels[0]?.();
  t.mock.timers.tick(30 * days);
  cancels[1]?.();
  t.mock.timers.tick(60 * days);
  assert.equal(calls, 0);
});
