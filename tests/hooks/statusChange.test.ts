import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hookMetrics } from '../../hooks/hookMetrics.ts';
import { statusChange } from '../../hooks/status/change.ts';
import { createMetrics } from '../../runtime/metrics.ts';

const said = (state: string, reason: string, build?: { ordinal: number; attempt: number }) => ({
  state,
  conditions: [
    { type: 'Reconciling', reason: 'NotReconciling' },
    { type: 'Ready', reason },
  ],
  ...(build === undefined ? {} : { build }),
});

describe('what a status newly says', () => {
  const failed = said('Failed', 'BuildFailed', { ordinal: 1, attempt: 1 });
  const rows: {
    readonly reason: string;
    readonly before: unknown;
    readonly now: unknown;
    readonly want: unknown;
  }[] = [
    {
      reason: 'the first one',
      before: undefined,
      now: failed,
      want: { state: 'Failed', reason: 'BuildFailed' },
    },
    { reason: 'the same again', before: failed, now: failed, want: undefined },
    {
      reason: 'another reason in the same state',
      before: said('BuildPending', 'BuildPending'),
      now: said('BuildPending', 'Unschedulable'),
      want: { state: 'BuildPending', reason: 'Unschedulable' },
    },
    {
      reason: 'the next attempt fails of the same',
      before: failed,
      now: said('Failed', 'BuildFailed', { ordinal: 1, attempt: 2 }),
      want: { state: 'Failed', reason: 'BuildFailed' },
    },
    {
      reason: 'the next build fails of the same',
      before: failed,
      now: said('Failed', 'BuildFailed', { ordinal: 2, attempt: 1 }),
      want: { state: 'Failed', reason: 'BuildFailed' },
    },
    { reason: 'no status', before: failed, now: undefined, want: undefined },
    { reason: 'a status without conditions', before: failed, now: { state: 'Built' }, want: undefined },
  ];
  for (const { reason, before, now, want } of rows)
    test(reason, () => assert.deepEqual(statusChange(before, now), want));

  test('a reason that is no CamelCase word has no label of its own, for a Pod may bring any', async () => {
    const registry = createMetrics();
    const metrics = hookMetrics(registry);
    for (const reason of ['x', 'with space', 'A'.repeat(60), 'line\nbreak', 'ErrImagePull'])
      metrics.synced(undefined, said('BuildPending', reason));
    const text = await registry.getSingleMetricAsString('niximage_status_changes_total');
    assert.match(text, /reason="Other"\} 4$/m);
    assert.match(text, /reason="ErrImagePull"\} 1$/m);
  });
});
