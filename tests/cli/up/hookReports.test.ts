import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HookReports } from '../../../cli/up/hookReports.ts';
import type { SyncOutcome } from '../../../metacontroller/embedded/controller/outcome.ts';
import type { KubeObject } from '../../../metacontroller/embedded/objects/kubeObject.ts';
import { FakeClock } from '../../metacontroller/support/fakeClock.ts';
import { image } from '../../metacontroller/support/objects.ts';

const good: SyncOutcome = { kind: 'Answered', remarks: [] };
const waits: SyncOutcome = { kind: 'Waits' };
const failed = (message: string): SyncOutcome => ({ kind: 'Failed', message });

function object(name: string, namespace = 'default'): KubeObject {
  const metadata = { name, namespace, uid: name, generation: 1, resourceVersion: '1', creationTimestamp: '' };
  return { ...image(name), metadata };
}

function bench() {
  const clock = new FakeClock();
  const said: string[] = [];
  let gaveUp = 0;
  const reports = new HookReports((line) => said.push(line), 60_000, clock);
  reports.watch(() => (gaveUp += 1));
  return { clock, said, reports, gaveUp: () => gaveUp };
}

describe('failures', () => {
  test('are told once while they last, and again when they come back', () => {
    const { reports, said } = bench();
    for (const outcome of [failed('a'), failed('a'), failed('b'), good, good, failed('b'), failed('a')])
      reports.report(object('x'), outcome);
    assert.deepEqual(said, ['x: a', 'x: b', 'x: b', 'x: a']);
  });

  test('of images of one name in two namespaces are two', () => {
    const { reports, said } = bench();
    for (const namespace of ['default', 'team']) reports.report(object('x', namespace), failed('a'));
    assert.deepEqual(said, ['x: a', 'x: a']);
  });

  test('a remark is told, a hook that asks to be left alone is not', () => {
    const { reports, said } = bench();
    reports.report(object('x'), { kind: 'Answered', remarks: ['twice'] });
    reports.report(object('x'), waits);
    assert.deepEqual(said, ['x: twice']);
  });
});

describe('an image is given up', () => {
  const rows: readonly {
    readonly reason: string;
    /** Outcomes, and seconds that pass. */
    readonly life: readonly (SyncOutcome | number)[];
    readonly givenUp: string | undefined;
  }[] = [
    {
      reason: 'after a minute of failures, with the last of them',
      life: [failed('a'), 59, failed('b'), 1],
      givenUp: 'b',
    },
    { reason: 'not before', life: [failed('a'), 59.999], givenUp: undefined },
    { reason: 'not while it gets good answers', life: [good, 3600], givenUp: undefined },
    {
      reason: 'counted from the first failure after a good answer',
      life: [failed('a'), 50, good, failed('b'), 59],
      givenUp: undefined,
    },
    {
      reason: 'also where the hook only ever asks to be left alone',
      life: [waits, 60],
      givenUp: 'the hook asks to be left alone (429)',
    },
    { reason: 'not for good: an answer takes that back', life: [failed('a'), 60, good], givenUp: undefined },
  ];
  for (const { reason, life, givenUp } of rows)
    test(reason, () => {
      const { clock, reports, gaveUp } = bench();
      for (const each of life)
        if (typeof each === 'number') clock.advance(each * 1000);
        else reports.report(object('x'), each);
      assert.equal(reports.givenUp('default/x'), givenUp);
      assert.equal(gaveUp() > 0, life.includes(60) || givenUp !== undefined);
      assert.equal(reports.givenUp('default/y'), undefined);
      reports.close();
      assert.deepEqual(clock.pending, []);
    });
});
