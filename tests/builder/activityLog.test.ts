import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityLog } from '../../builder/activityLog.ts';
import type { Activity } from '../../runtime/contract/progress.ts';

test('a log has a line for each kind of work, and one now and then while it goes on', () => {
  let now = 0;
  const log = new ActivityLog(() => now);
  const rows: readonly {
    readonly at: number;
    readonly activity: Activity;
    readonly want?: string;
    readonly reason: string;
  }[] = [
    { at: 0, activity: { kind: 'Evaluating' }, want: 'evaluating', reason: 'the first' },
    { at: 1, activity: { kind: 'Building', done: 0, expected: 1 }, reason: 'Nix has lines of its own' },
    {
      at: 2,
      activity: { kind: 'WritingLayers', done: 0, expected: 3, bytes: 0 },
      want: 'writing layers 0 of 3',
      reason: 'another kind',
    },
    { at: 9_999, activity: { kind: 'WritingLayers', done: 1, expected: 3, bytes: 5e6 }, reason: 'too soon' },
    {
      at: 10_002,
      activity: { kind: 'WritingLayers', done: 1, expected: 3, bytes: 2e9 },
      want: 'writing layers 1 of 3 (2000 MB)',
      reason: 'after ten seconds',
    },
    { at: 10_003, activity: { kind: 'Publishing' }, want: 'publishing', reason: 'another kind' },
  ];
  for (const { at, activity, want, reason } of rows) {
    now = at;
    assert.equal(log.lineFor(activity), want, reason);
  }
});
