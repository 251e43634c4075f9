import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPath } from '../../cli/readPath.ts';
import { Node, phase, pod, terminated } from './support/node.ts';

const built = JSON.stringify({ v: 1, result: 'Built' });

describe('after a session that was killed', () => {
  test('a Pod that runs is taken over, and not run again', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a'), pod('b'));
    const { uid = '' } = node.get('a')?.metadata ?? {};
    const next = await node.restart();
    assert.equal(phase(next.get('a')), 'Running');
    assert.equal(phase(next.get('b')), 'Pending');
    await next.end('a', 1, built);
    assert.equal(phase(next.get('a')), 'Succeeded');
    assert.equal(phase(next.get('b')), 'Running');
    assert.equal(next.runtime.runs.get(uid), 1);
  });

  test('one that was started, while nobody wrote that down, is taken over, too', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a'));
    const { uid = '' } = node.get('a')?.metadata ?? {};
    const next = await node.restart(async (store) => {
      await store.update(
        { kind: 'Pod', namespace: 'default', name: 'a' },
        ({ status: _status, ...object }) => object,
      );
    });
    assert.equal(phase(next.get('a')), 'Running');
    assert.equal(next.runtime.runs.get(uid), 1);
  });

  const ends: readonly {
    readonly reason: string;
    readonly message: string;
    readonly phase: string;
    readonly exitCode: number;
  }[] = [
    { reason: 'it reported success', message: built, phase: 'Succeeded', exitCode: 0 },
    { reason: 'it reported a failure', message: '{"v":1,"result":"Failed"}', phase: 'Failed', exitCode: 1 },
    {
      reason: 'its failure tells of a success',
      message: JSON.stringify({ result: 'Failed', logTail: '"result":"Built"' }),
      phase: 'Failed',
      exitCode: 1,
    },
    { reason: 'it said what is no report', message: '"result":"Built"', phase: 'Failed', exitCode: 1 },
    { reason: 'it said nothing', message: '', phase: 'Failed', exitCode: 137 },
  ];
  for (const { reason, message, exitCode, ...row } of ends)
    test(`one that ended meanwhile is ${row.phase}: ${reason}`, async (t) => {
      const node = await Node.start(t);
      await node.add(pod('a'));
      const next = await node.restart(async () => node.runtime.process(node.get('a')).end(99, message));
      assert.equal(phase(next.get('a')), row.phase);
      assert.equal(readPath(terminated(next.get('a')), '.exitCode'), exitCode);
    });

  test('one that was being deleted is ended, and goes', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a'));
    const process = node.runtime.process(node.get('a'));
    const next = await node.restart(async (store) => {
      await store.remove({ kind: 'Pod', namespace: 'default', name: 'a' });
    });
    assert.deepEqual(process.signals, ['SIGTERM']);
    assert.equal(next.get('a'), undefined);
  });

  test('a process whose Pod is gone is ended, and its folder removed', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a'));
    const { uid } = node.get('a')?.metadata ?? {};
    const process = node.runtime.process(node.get('a'));
    const next = await node.restart(async (store) => {
      const key = { kind: 'Pod', namespace: 'default', name: 'a' };
      await store.remove(key);
      await store.update(key, (object) => ({ ...object, metadata: { ...object.metadata, finalizers: [] } }));
    });
    assert.deepEqual(process.signals, ['SIGTERM']);
    assert.deepEqual(next.runtime.removed, [uid]);
  });
});
