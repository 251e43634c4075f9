import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPath } from '../../cli/readPath.ts';
import { isTerminating } from '../../metacontroller/embedded/objects/finalizers.ts';
import { Node, phase, pod, terminated } from './support/node.ts';

describe('how a Pod ended', () => {
  const rows: readonly {
    readonly reason: string;
    readonly exitCode: number;
    readonly phase: string;
    readonly word: string;
  }[] = [
    { reason: 'well', exitCode: 0, phase: 'Succeeded', word: 'Completed' },
    { reason: 'badly', exitCode: 1, phase: 'Failed', word: 'Error' },
    { reason: 'by a signal', exitCode: 139, phase: 'Failed', word: 'Error' },
  ];
  for (const { reason, exitCode, word, ...row } of rows)
    test(`${reason}: ${row.phase}`, async (t) => {
      const node = await Node.start(t);
      await node.add(pod('a'));
      assert.equal(phase(node.get('a')), 'Running');
      await node.advance(5_000);
      await node.end('a', exitCode, 'the message');
      assert.equal(phase(node.get('a')), row.phase);
      assert.deepEqual(terminated(node.get('a')), {
        exitCode,
        reason: word,
        startedAt: '2026-01-01T00:00:00Z',
        finishedAt: '2026-01-01T00:00:05Z',
        message: 'the message',
      });
    });
});

describe("the log's end is the message", () => {
  const fallback = { containers: [{ terminationMessagePolicy: 'FallbackToLogsOnError' }] };
  const rows: readonly {
    readonly reason: string;
    readonly spec: Readonly<Record<string, unknown>>;
    readonly exitCode: number;
    readonly message: string;
    readonly told: string | undefined;
  }[] = [
    {
      reason: 'of what failed and left none',
      spec: fallback,
      exitCode: 1,
      message: '',
      told: 'the log of a',
    },
    { reason: 'not of what left one', spec: fallback, exitCode: 1, message: 'mine', told: 'mine' },
    { reason: 'not of what ended well', spec: fallback, exitCode: 0, message: '', told: undefined },
    { reason: 'not where the Pod does not say so', spec: {}, exitCode: 1, message: '', told: undefined },
  ];
  for (const { reason, spec, exitCode, message, told } of rows)
    test(reason, async (t) => {
      const node = await Node.start(t);
      await node.add(pod('a', spec));
      await node.end('a', exitCode, message);
      assert.equal(readPath(terminated(node.get('a')), '.message'), told);
    });
});

describe('places', () => {
  test('Pods of one second are started in the order in which they came, no more than there are places', async (t) => {
    const node = await Node.start(t, 2);
    await node.add(pod('d'), pod('b'), pod('c'), pod('a'));
    assert.deepEqual(node.runtime.started, ['d', 'b']);
    assert.equal(readPath(node.get('c'), '.status.conditions[0].reason'), 'Unschedulable');
    await node.end('b', 0);
    await node.end('d', 1);
    assert.deepEqual(node.runtime.started, ['d', 'b', 'c', 'a']);
  });

  test('the order outlives a restart', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('z'), pod('c'), pod('a'), pod('b'));
    const next = await node.restart();
    for (const name of ['z', 'c', 'a']) await next.end(name, 0);
    assert.deepEqual(next.runtime.started, ['c', 'a', 'b']);
  });

  test('one that has a place is never told to wait', async (t) => {
    const node = await Node.start(t, 1);
    const phases: unknown[] = [];
    node.store.watch(({ object }) => phases.push(readPath(object, '.status.phase')));
    await node.add(pod('a'));
    await node.end('a', 0);
    assert.deepEqual(phases, [undefined, undefined, 'Running', 'Succeeded']);
  });

  test('one that cannot be started has Failed, and the next one is started', async (t) => {
    const node = await Node.start(t);
    node.runtime.beforeRun = async ({ metadata }) => {
      if (metadata.name !== 'c') throw new Error('the ConfigMap is not there');
    };
    await node.add(pod('a'), pod('b'), pod('c'));
    for (const name of ['a', 'b']) {
      assert.equal(phase(node.get(name)), 'Failed');
      assert.equal(
        readPath(terminated(node.get(name)), '.message'),
        'the Pod cannot be started: the ConfigMap is not there',
      );
    }
    assert.equal(phase(node.get('c')), 'Running');
  });

  test('one that is deleted while it waits, or while it is started, leaves its place', async (t) => {
    const node = await Node.start(t);
    const start = Promise.withResolvers<void>();
    node.runtime.beforeRun = () => start.promise;
    await node.store.create(pod('a'));
    for (const name of ['b', 'c']) await node.store.create(pod(name));
    await node.store.remove({ kind: 'Pod', namespace: 'default', name: 'b' });
    await node.store.remove({ kind: 'Pod', namespace: 'default', name: 'a' });
    start.resolve();
    await node.settled();
    assert.equal(node.get('a'), undefined);
    assert.equal(phase(node.get('c')), 'Running');
    assert.deepEqual(node.runtime.started.at(-1), 'c');
  });
});

describe('a deletion', () => {
  test('ends the process, and waits for it before the Pod goes', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a', { terminationGracePeriodSeconds: 30 }), pod('b'));
    const process = node.runtime.process(node.get('a'));
    process.onTerm = undefined;
    await node.store.remove({ kind: 'Pod', namespace: 'default', name: 'a' });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(process.signals, ['SIGTERM']);
    const going = node.get('a');
    assert.ok(going && isTerminating(going));
    assert.deepEqual(node.runtime.started, ['a']);
    node.clock.advance(30_000);
    await node.settled();
    assert.equal(node.get('a'), undefined);
    assert.equal(process.exitCode, 137);
    assert.deepEqual(node.runtime.started, ['a', 'b']);
  });

  test('removes the folder, also of a Pod that could not be started', async (t) => {
    const node = await Node.start(t);
    node.runtime.beforeRun = async () => assert.fail('it cannot be started');
    await node.add(pod('a'));
    const { uid } = node.get('a')?.metadata ?? {};
    await node.remove('a');
    assert.deepEqual(node.runtime.removed, [uid]);
    assert.equal(node.get('a'), undefined);
  });
});

describe('the end of a session', () => {
  test('ends what runs, and writes how', async (t) => {
    const node = await Node.start(t, 2);
    await node.add(pod('a'), pod('b'));
    const [a, b] = ['a', 'b'].map((name) => node.runtime.process(node.get(name)));
    assert.ok(a && b);
    b.onTerm = undefined;
    const closed = node.close();
    await new Promise((resolve) => setImmediate(resolve));
    node.clock.advance(5_000);
    await closed;
    assert.deepEqual(a.signals, ['SIGTERM']);
    assert.deepEqual(b.signals, ['SIGTERM', 'SIGKILL']);
    assert.deepEqual([phase(node.get('a')), phase(node.get('b'))], ['Failed', 'Failed']);
    assert.deepEqual(node.clock.pending, []);
  });

  test('ends what is just being started, too', async (t) => {
    const node = await Node.start(t);
    const [reached, start] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    node.runtime.beforeRun = async () => {
      reached.resolve();
      await start.promise;
    };
    await node.store.create(pod('a'));
    await reached.promise;
    const closed = node.close();
    start.resolve();
    await closed;
    assert.deepEqual(node.runtime.process(node.get('a')).signals, ['SIGTERM']);
    assert.equal(phase(node.get('a')), 'Failed');
  });

  test('starts nothing more', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a'), pod('b'));
    await node.close();
    assert.deepEqual(node.runtime.started, ['a']);
    assert.equal(phase(node.get('b')), 'Pending');
  });
});
