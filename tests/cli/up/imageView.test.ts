import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSettled, type Outcome, statusOf, viewOf } from '../../../cli/up/imageView.ts';

const object = (status: Readonly<Record<string, unknown>>) => ({
  metadata: { namespace: 'default', name: 'x', generation: 2 },
  data: { tag: 'v1' },
  status: { observedGeneration: 2, version: 'v1', ...status },
});
const stalled = { conditions: [{ type: 'Stalled', status: 'True', message: 'data.tag is wrong' }] };

describe('what a status means', () => {
  const rows: readonly {
    readonly reason: string;
    readonly object: unknown;
    readonly kind: Outcome['kind'];
    readonly status: string;
    readonly settled: boolean;
  }[] = [
    {
      reason: 'no status yet',
      object: { metadata: { name: 'x', generation: 1 } },
      kind: 'Waiting',
      status: 'BuildPending',
      settled: false,
    },
    {
      reason: 'a Built of an older generation',
      object: object({ state: 'Built', observedGeneration: 1 }),
      kind: 'Waiting',
      status: 'BuildPending',
      settled: false,
    },
    {
      reason: 'Building',
      object: object({ state: 'Building' }),
      kind: 'Building',
      status: 'Building',
      settled: false,
    },
    { reason: 'Built', object: object({ state: 'Built' }), kind: 'Built', status: 'Built', settled: true },
    {
      reason: 'Built from the offline set',
      object: object({ state: 'Built', packageSet: 'demo' }),
      kind: 'Built',
      status: 'Built (demo)',
      settled: true,
    },
    {
      reason: 'Failed',
      object: object({ state: 'Failed', ...stalled }),
      kind: 'Failed',
      status: 'Failed',
      settled: true,
    },
    {
      reason: 'bad input, the old image still served',
      object: object({ state: 'Built', ...stalled }),
      kind: 'Stalled',
      status: 'Stalled',
      settled: true,
    },
  ];
  for (const { reason, object: given, kind, status, settled } of rows)
    test(reason, () => {
      const view = viewOf(given);
      assert.equal(view.outcome.kind, kind);
      assert.equal(statusOf(view), status);
      assert.equal(isSettled(view), settled);
    });
});

test('the sentence of a failure is that of the failure, else that of the condition', () => {
  const failed = viewOf(object({ state: 'Failed', failure: { message: 'no crul' }, ...stalled })).outcome;
  assert.deepEqual(failed, { kind: 'Failed', message: 'no crul', logTail: '' });
  assert.deepEqual(viewOf(object({ state: 'Failed', ...stalled })).outcome, {
    kind: 'Failed',
    message: 'data.tag is wrong',
    logTail: '',
  });
});
