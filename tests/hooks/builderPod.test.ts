import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BuildFailed } from '../../runtime/contract/report.ts';
import { condition, truths } from './support/status.ts';
import { publication, time, World } from './support/world.ts';

const report = (more: Partial<BuildFailed>): string =>
  JSON.stringify({
    v: 1,
    result: 'Failed',
    reason: 'UnknownAttribute',
    message: 'there is no crul; did you mean curl?',
    transient: false,
    ...more,
  });

describe('a Pod that ends badly', () => {
  const permanent: {
    reason: string;
    ending: { message?: string; reason?: string };
    pod?: object;
    says: RegExp;
    because: string;
  }[] = [
    {
      reason: 'an attribute that is not there',
      ending: { message: report({ attribute: 'crul', logTail: 'error: undefined variable' }) },
      says: /did you mean curl/,
      because: 'UnknownAttribute',
    },
    {
      reason: 'memory',
      ending: { reason: 'OOMKilled' },
      says: /out of memory/,
      because: 'OutOfMemory',
    },
    {
      reason: 'memory, of a program whose end the builder takes for a fault of the package',
      ending: {
        reason: 'OOMKilled',
        message: report({ reason: 'BuildFailed', message: 'hello does not build: exit code 137' }),
      },
      says: /out of memory.*data\.pod\.memory.*hello does not build/,
      because: 'OutOfMemory',
    },
    {
      reason: 'a disk that is full, though something was killed for its memory before',
      ending: { reason: 'OOMKilled', message: report({ reason: 'DiskFull', message: 'the disk is full' }) },
      says: /the disk is full/,
      because: 'DiskFull',
    },
  ];
  for (const { reason, ending, says, because } of permanent)
    test(`${reason}: Failed, and the Pod stays for its logs`, () => {
      const world = new World();
      world.settle();
      world.run();
      world.settle();
      world.end('Failed', ending);
      const { status, resyncAfterSeconds } = world.settle();
      assert.equal(status.state, 'Failed');
      assert.equal(truths(status), 'False False True');
      assert.equal(status.failure?.reason, because);
      assert.match(status.failure?.message ?? '', says);
      assert.equal(condition(status, 'Stalled').reason, because);
      assert.equal(world.pod(), status.build?.pod);
      assert.match(status.logs ?? '', /^kubectl logs /);
      assert.equal(resyncAfterSeconds, undefined);
    });

  test('and the manifest changed in what the image is not made from: another build, of another Pod', () => {
    const data = { tag: 'v1', contents: ['curl'] };
    const world = new World(data);
    world.settle();
    world.run();
    world.settle();
    world.end('Failed', { reason: 'OOMKilled' });
    const failed = world.settle().status;
    const old = world.pod();
    world.annotations = { touched: 'yes' };
    assert.deepEqual(world.settle().status, failed, 'an annotation is no change of the manifest');
    world.annotations = undefined;
    world.change({ ...data, pod: { memory: '8Gi' } });
    world.image = { state: 'Unknown', reason: 'the keeper is away just now' };
    assert.equal(world.settle().status.state, 'Failed');
    world.image = { state: 'Absent', ordinal: 0 };
    const { status } = world.settle();
    assert.equal(status.state, 'BuildPending');
    assert.equal(status.failure, undefined);
    assert.equal(status.build?.inputHash, failed.build?.inputHash);
    assert.equal(status.build?.ordinal, 2);
    assert.equal(world.pod(), old.replace(/-1$/, '-2'));
  });

  test('a Pod that no node takes, and a changed manifest: it goes, and one as the manifest says now comes', () => {
    const data = { tag: 'v1', contents: ['curl'] };
    const nowhere = (disk: string) => ({ ...data, pod: { nodeSelector: { disk } } });
    const world = new World(nowhere('one'));
    const unplaced = { type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' };
    const pods: string[] = [];
    for (const disk of ['two', 'three', 'four']) {
      world.settle();
      world.setStatus({ phase: 'Pending', conditions: [unplaced] });
      assert.equal(condition(world.settle().status, 'Ready').reason, 'Unschedulable');
      const old = world.pod();
      pods.push(old);
      world.change(nowhere(disk));
      world.settle();
      assert.notEqual(world.pod(), old);
    }
    assert.deepEqual(
      pods.map((name) => name.at(-1)),
      ['1', '2', '1'],
    );
    world.run();
    world.change({ ...nowhere('five') });
    const running = world.pod();
    world.settle();
    assert.equal(world.pod(), running, 'what runs is left alone');
  });

  test('time: the Pod was ended by its deadline', () => {
    const world = new World();
    world.settle();
    world.setStatus({ phase: 'Failed', reason: 'DeadlineExceeded', message: 'Pod was active too long' });
    assert.equal(world.settle().status.failure?.reason, 'Timeout');
  });

  describe('whom the kubelet stops says only that it was stopped: the Pod says why', () => {
    const rows = [
      {
        reason: 'Evicted',
        message: 'usage exceeds the limit 1Gi',
        state: 'BuildPending',
        says: /Evicted: usage.*again/,
      },
      { reason: 'DeadlineExceeded', message: 'too long', state: 'Failed', says: /longer than it may/ },
    ];
    for (const { reason, message, state, says } of rows)
      test(reason, () => {
        const world = new World();
        world.settle();
        const said = report({ reason: 'Interrupted', message: 'stopped', transient: true });
        const terminated = { exitCode: 1, message: said, finishedAt: time(0) };
        world.setStatus({ phase: 'Failed', reason, message, containerStatuses: [{ state: { terminated } }] });
        const { status } = world.settle();
        assert.equal(status.state, state);
        assert.match(condition(status, 'Ready').message, says);
        assert.equal(status.failure?.logTail, undefined, 'the report is no log');
      });
  });

  test('a Pod that is said to be evicted before its container has ended: the pause is kept', () => {
    const world = new World();
    world.settle();
    world.run();
    world.settle();
    world.seconds = 300;
    const conditions = [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: time(0) },
      { type: 'DisruptionTarget', status: 'True', lastTransitionTime: time(300) },
    ];
    const running = { state: { running: { startedAt: time(1) } } };
    world.setStatus({ phase: 'Failed', reason: 'Evicted', conditions, containerStatuses: [running] });
    const { status, resyncAfterSeconds } = world.settle();
    assert.equal(status.build?.attempt, 1);
    assert.equal(resyncAfterSeconds, 10);
    assert.match(condition(status, 'Ready').message, /Evicted; it is tried again at /);
  });

  test('something that may pass: two more attempts, each after a longer pause, then Failed', () => {
    const world = new World();
    const passing = { message: report({ reason: 'FetchFailed', message: 'no network', transient: true }) };
    const pods = new Set<string>();
    for (const [attempt, pause] of [10, 20].entries()) {
      world.settle();
      pods.add(world.pod());
      world.run();
      world.settle();
      world.end('Failed', passing);
      const { status, resyncAfterSeconds } = world.settle();
      assert.equal(status.state, 'BuildPending');
      assert.equal(status.build?.attempt, attempt + 1);
      assert.equal(truths(status), 'False True False');
      assert.equal(resyncAfterSeconds, pause);
      assert.match(condition(status, 'Ready').message, /no network; it is tried again at 2026-/);
      assert.equal(world.pod(), status.build?.pod, 'its logs can be read meanwhile');
      world.seconds += pause;
      const next = world.settle();
      assert.equal(next.status.build?.attempt, attempt + 2);
      assert.equal(truths(next.status), 'False True False', 'the next attempt is under way');
    }
    pods.add(world.pod());
    world.run();
    world.settle();
    world.end('Failed', passing);
    world.settle();
    world.seconds += 10_000;
    const { status, resyncAfterSeconds } = world.settle();
    assert.equal(status.state, 'Failed');
    assert.equal(status.build?.attempt, 3);
    assert.equal(status.build?.ordinal, 1, 'attempts at one build have one ordinal');
    assert.equal(resyncAfterSeconds, undefined);
    assert.equal(pods.size, 3);
  });

  test('and is then deleted: why it failed is not forgotten', () => {
    const world = new World();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      world.settle();
      world.run();
      world.settle();
      world.end('Failed', { message: report({}) });
      world.settle();
      const pod = world.pod();
      world.deletePod();
      world.settle();
      world.vanish(pod);
    }
    const { status, children } = world.settle();
    assert.equal(status.state, 'Failed');
    assert.equal(status.failure?.reason, 'UnknownAttribute');
    assert.deepEqual(
      children.filter(({ kind }) => kind === 'Pod'),
      [],
    );
  });
});

describe('a Pod that goes', () => {
  test('while it builds: the next attempt begins, and after the third nothing does', () => {
    const world = new World();
    const seen: string[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      world.settle();
      seen.push(world.pod());
      world.run();
      world.settle();
      world.deletePod();
      world.settle();
      const gone = seen.at(-1) ?? '';
      world.vanish(gone);
    }
    const { status, children } = world.settle();
    assert.deepEqual(
      seen.map((name) => name.slice(-2)),
      ['-1', '-2', '-3'],
    );
    assert.equal(status.state, 'Failed');
    assert.equal(status.failure?.reason, 'BuilderLost');
    assert.deepEqual(
      children.filter(({ kind }) => kind === 'Pod'),
      [],
    );
  });

  test('before it runs: the next attempt begins, and after the third nothing does', () => {
    const world = new World();
    const seen: string[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      world.seconds += world.settle().resyncAfterSeconds ?? Number.NaN;
      world.settle();
      seen.push(world.pod());
      world.vanish(world.pod());
    }
    const { status, children } = world.settle();
    assert.deepEqual(
      seen.map((name) => name.slice(-2)),
      ['-1', '-2', '-3'],
    );
    assert.equal(status.failure?.reason, 'BuilderLost');
    assert.deepEqual(
      children.filter(({ kind }) => kind === 'Pod'),
      [],
    );
  });

  test('as soon as it is made, each time: it is not made for ever', () => {
    const world = new World();
    world.settle();
    for (; world.pods.size > 0; world.seconds += 1) {
      assert.ok(world.seconds < 120);
      world.vanish(world.pod());
      world.settle();
    }
    assert.equal(world.status?.failure?.reason, 'BuilderLost');
    assert.equal(world.status?.build?.attempt, 3);
  });

  test('after the image was published: nothing is built', () => {
    const world = new World();
    world.settle();
    world.run();
    world.settle();
    world.publish();
    world.deletePod();
    assert.equal(world.settle().status.state, 'Built');
  });

  test('that is going is never taken for the one that builds', () => {
    const world = new World();
    world.settle();
    world.run();
    world.settle();
    world.deletePod();
    const { status } = world.settle();
    assert.equal(status.build?.attempt, 2);
    assert.equal(status.state, 'BuildPending');
  });
});

describe('a Pod that ended well, and an image that the registry does not serve', () => {
  test('it is tried again after a minute, and after the third time it has failed', () => {
    const world = new World();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      world.settle();
      assert.equal(world.status?.build?.attempt, attempt);
      world.run();
      world.settle();
      world.end('Succeeded');
      assert.equal(world.settle().status.state, 'Building');
      world.seconds += 61;
    }
    const { status, resyncAfterSeconds } = world.settle();
    assert.equal(status.state, 'Failed');
    assert.match(status.failure?.message ?? '', /does not serve/);
    assert.ok((resyncAfterSeconds ?? 60) >= 10, 'nobody asks each second for ever');
  });

  test('for another one was published meanwhile: the next attempt has a higher ordinal', () => {
    const world = new World();
    world.settle();
    world.run();
    world.settle();
    world.end('Succeeded');
    world.image = { state: 'Present', publication: publication({ inputHash: 'e'.repeat(64), ordinal: 9 }) };
    world.settle();
    world.seconds += 61;
    world.settle();
    assert.equal(world.status?.build?.ordinal, 10);
  });
});

describe('a Pod that cannot start says why', () => {
  const rows: { reason: string; status: Readonly<Record<string, unknown>>; says: RegExp }[] = [
    {
      reason: 'no node has room',
      status: {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }],
      },
      says: /waits for a place: 0\/3 nodes are available/,
    },
    {
      reason: 'its image cannot be pulled',
      status: {
        phase: 'Pending',
        containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff', message: 'no such host' } } }],
      },
      says: /cannot start: ImagePullBackOff: no such host/,
    },
    {
      reason: 'it is being made',
      status: {
        phase: 'Pending',
        containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }],
      },
      says: /is being started/,
    },
    { reason: 'its node does not answer', status: { phase: 'Unknown' }, says: /is being started/ },
  ];
  for (const { reason, status, says } of rows)
    test(reason, () => {
      const world = new World();
      world.settle();
      world.seconds = 3;
      world.setStatus(status);
      const answer = world.settle();
      assert.equal(answer.status.state, 'BuildPending');
      assert.match(condition(answer.status, 'Ready').message, says);
    });

  test("another container's status is not the builder's", () => {
    const world = new World();
    world.settle();
    const terminated = { exitCode: 0, finishedAt: time(1) };
    world.setStatus({
      phase: 'Running',
      containerStatuses: [
        { name: 'added-by-somebody', state: { terminated } },
        { name: 'builder', state: { running: { startedAt: time(3) } } },
      ],
    });
    const { status } = world.settle();
    assert.equal(status.build?.startedAt, time(3));
    assert.equal(status.build?.finishedAt, undefined);
  });
});

describe('a Pod that was only just made', () => {
  const creating = {
    phase: 'Pending',
    containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }],
  };
  const made = (): World => {
    const world = new World();
    world.settle();
    world.seconds = 1;
    world.setStatus(creating);
    return world;
  };

  test('nothing new is said of it, and it is asked about again', () => {
    const world = made();
    const before = JSON.stringify(world.status);
    const { children, resyncAfterSeconds } = world.settle();
    assert.equal(JSON.stringify(world.status), before);
    assert.deepEqual(
      children.map(({ kind }) => kind),
      ['ConfigMap', 'Pod'],
    );
    assert.equal(resyncAfterSeconds, 2);
  });

  const rows: { reason: string; change: (world: World) => void; says: RegExp }[] = [
    {
      reason: 'the manifest was changed in what is not built',
      change: (world) => world.change(world.data),
      says: /is being started/,
    },
    {
      reason: 'Metacontroller shows an older status, which said that something else is missing',
      change: (world) => {
        const { status } = world;
        const conditions = status?.conditions?.map((each) => ({ ...each, reason: 'NamespaceNotEnabled' }));
        world.status = { ...status, ...(conditions && { conditions }) };
      },
      says: /is being started/,
    },
    {
      reason: 'there is something to be said',
      change: (world) =>
        world.setStatus({
          phase: 'Pending',
          conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }],
        }),
      says: /waits for a place/,
    },
  ];
  for (const { reason, change, says } of rows)
    test(`${reason}: that is said at once`, () => {
      const world = made();
      change(world);
      assert.match(condition(world.settle().status, 'Ready').message, says);
    });
});

describe('hostile termination messages', () => {
  const rows: { reason: string; message: string }[] = [
    { reason: 'no JSON', message: '{' },
    { reason: 'no object', message: '7' },
    { reason: 'null', message: 'null' },
    { reason: 'a list', message: '[]' },
    { reason: 'another version', message: report({}).replace('"v":1', '"v":2') },
    { reason: 'a reason that there is not', message: report({}).replace('UnknownAttribute', 'Whatever') },
    {
      reason: 'a message that is no text',
      message: '{"v":1,"result":"Failed","reason":"DiskFull","message":{}}',
    },
    {
      reason: 'Built, from a Pod that failed',
      message: '{"v":1,"result":"Built","digest":"sha256:0","mediaType":"x"}',
    },
    { reason: 'a megabyte', message: report({ message: 'x'.repeat(1 << 20), logTail: 'y'.repeat(1 << 20) }) },
    { reason: 'characters cut in half', message: report({ logTail: `${'😀'.repeat(2048)}x` }) },
    { reason: 'names of JavaScript', message: '{"v":1,"__proto__":{"result":"Failed"},"constructor":"x"}' },
  ];
  for (const { reason, message } of rows)
    test(reason, () => {
      const world = new World();
      world.settle();
      world.run();
      world.settle();
      world.end('Failed', { message });
      const { status } = world.settle();
      assert.notEqual(status.state, 'Built');
      assert.ok(JSON.stringify(status).length < 20_000, 'the status stays small');
      assert.ok((status.failure?.logTail ?? '').isWellFormed());
    });
});
