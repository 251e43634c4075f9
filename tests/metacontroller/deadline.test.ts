import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPath } from '../../cli/readPath.ts';
import { Node, phase, pod } from './support/node.ts';

describe('the deadline', () => {
  const spec = { activeDeadlineSeconds: 60, terminationGracePeriodSeconds: 10 };

  test('ends a Pod, at last by force', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a', spec));
    const process = node.runtime.process(node.get('a'));
    process.onTerm = undefined;
    await node.advance(59_999);
    assert.deepEqual(process.signals, []);
    await node.advance(1);
    assert.deepEqual(process.signals, ['SIGTERM']);
    await node.advance(10_000);
    assert.deepEqual(process.signals, ['SIGTERM', 'SIGKILL']);
    assert.equal(phase(node.get('a')), 'Failed');
    assert.equal(readPath(node.get('a'), '.status.reason'), 'DeadlineExceeded');
  });

  test('fails also what then ends with exit code 0', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a', spec));
    node.runtime.process(node.get('a')).onTerm = 0;
    await node.advance(60_000);
    assert.equal(phase(node.get('a')), 'Failed');
    assert.equal(readPath(node.get('a'), '.status.reason'), 'DeadlineExceeded');
  });

  test('is of one Pod, not of a later one of its name', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a', spec));
    await node.advance(50_000);
    await node.remove('a');
    await node.add(pod('a', spec));
    await node.advance(59_999);
    assert.equal(phase(node.get('a')), 'Running');
    await node.advance(1);
    assert.equal(phase(node.get('a')), 'Failed');
  });

  test('leaves no timer behind when the Pod ends', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a', spec));
    await node.end('a', 0);
    assert.deepEqual(node.clock.pending, []);
  });

  test('counts from the start, whatever session that was in', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a', spec));
    await node.advance(40_000);
    const next = await node.restart();
    await next.advance(19_999);
    assert.equal(phase(next.get('a')), 'Running');
    await next.advance(1);
    assert.equal(readPath(next.get('a'), '.status.reason'), 'DeadlineExceeded');
  });

  test('that passed while no session ran ends the Pod at once', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a', spec));
    const next = await node.restart(async () => node.clock.advance(3_600_000));
    await next.advance(0);
    assert.equal(readPath(next.get('a'), '.status.reason'), 'DeadlineExceeded');
  });
});
