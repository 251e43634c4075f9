import assert from 'node:assert/strict';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readPath } from '../../cli/readPath.ts';
import { isTerminating } from '../../metacontroller/embedded/objects/finalizers.ts';
import type { KubeObject } from '../../metacontroller/embedded/objects/kubeObject.ts';
import { Node, pod } from './support/node.ts';

const built = JSON.stringify({ v: 1, result: 'Built' });
const phase = (object: KubeObject | undefined) => readPath(object, '.status.phase');
const terminated = (object: KubeObject | undefined) =>
  readPath(object, '.status.containerStatuses[0].state.terminated');

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

describe('a disk that cannot be written', () => {
  /** A folder in the place of the store's draft, which not even root can write. */
  const block = async (node: Node, name: string) => {
    const draft = join(node.folder, 'Pod', 'default', `${name}.json.new`);
    await mkdir(draft, { recursive: true });
    return () => rmdir(draft);
  };

  test('ends nothing: what could not be written is, as soon as it can be, and is told once', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a'));
    const unblock = await block(node, 'a');
    await node.end('a', 0);
    await node.advance(60_000);
    assert.equal(phase(node.get('a')), 'Running');
    assert.equal(node.said.length, 1);
    assert.match(node.said[0] ?? '', /^Pod\/default\/a cannot be brought further for now: EISDIR/);
    await unblock();
    await node.advance(30_000);
    assert.equal(phase(node.get('a')), 'Succeeded');
  });

  test('a Pod that cannot be bound is not run; one whose start cannot be told runs once', async (t) => {
    const node = await Node.start(t, 2);
    await node.store.create(pod('a'));
    const unblock = await block(node, 'a');
    await node.settled();
    assert.deepEqual(node.runtime.started, []);
    await unblock();
    await node.advance(30_000);
    assert.deepEqual(node.runtime.started, ['a']);
    let unblockStart = async () => {};
    node.runtime.beforeRun = async () => {
      unblockStart = await block(node, 'b');
    };
    await node.add(pod('b'));
    assert.equal(phase(node.get('b')), 'Pending');
    await node.advance(60_000);
    await unblockStart();
    await node.advance(30_000);
    assert.equal(phase(node.get('b')), 'Running');
    assert.deepEqual(node.runtime.started, ['a', 'b']);
  });

  test('a deletion is tried again', async (t) => {
    const node = await Node.start(t);
    await node.add(pod('a'));
    await node.store.remove({ kind: 'Pod', namespace: 'default', name: 'a' });
    const unblock = await block(node, 'a');
    await node.settled();
    assert.ok(node.get('a'));
    await unblock();
    await node.advance(30_000);
    assert.equal(node.get('a'), undefined);
  });
});

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
