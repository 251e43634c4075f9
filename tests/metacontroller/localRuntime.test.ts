import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { systemClock } from '../../metacontroller/embedded/clock.ts';
import type { KubeObject } from '../../metacontroller/embedded/objects/kubeObject.ts';
import { ObjectStore } from '../../metacontroller/embedded/objects/objectStore.ts';
import type { Container } from '../../metacontroller/embedded/pods/container.ts';
import { LocalRuntime, type LocalRuntimeOptions } from '../../metacontroller/embedded/pods/localRuntime.ts';
import { lastFirst } from '../e2e/support/cleanup.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { pod } from './support/node.ts';
import { configMap } from './support/objects.ts';

const killedSession = fileURLToPath(new URL('support/killedSession.ts', import.meta.url));

interface Bench {
  readonly state: string;
  readonly store: ObjectStore;
  /** Another session's, on the same folder. */
  runtime(options?: Partial<LocalRuntimeOptions>): LocalRuntime;
  /** A Pod that runs a shell script. */
  pod(script: string, container?: Readonly<Record<string, unknown>>): Promise<KubeObject>;
  log(): Promise<string>;
  /** Runs a Pod's container, and ends it with the test where it has not ended by then. */
  run(runtime: LocalRuntime, made: KubeObject): Promise<Container>;
}

async function bench(context: TestContext): Promise<Bench> {
  const t = lastFirst(context);
  // A path that a shell would take apart.
  const state = join(await temporaryFolder(t), "a 'state' $(folder)");
  const store = await ObjectStore.open(join(state, 'objects'), () => {});
  return {
    state,
    store,
    runtime: (options = {}) =>
      new LocalRuntime({
        store,
        clock: systemClock,
        state,
        images: join(state, 'store'),
        command: ['/bin/sh', '-c'],
        environment: {},
        ...options,
      }),
    async pod(script, container = {}) {
      const made = await store.create(
        pod('p', {
          containers: [{ args: [script, 'sh'], ...container }],
          volumes: [
            { name: 'expression', configMap: { name: 'c' } },
            { name: 'temporary', emptyDir: {} },
            { name: 'store', persistentVolumeClaim: { claimName: 'niximage-store' } },
          ],
        }),
      );
      assert.ok(made);
      return made;
    },
    log: () => readFile(join(state, 'logs', 'default', 'p.log'), 'utf8'),
    async run(runtime, made) {
      const container = await runtime.run(made);
      t.after(async () => {
        container.signal('SIGKILL');
        await container.ended;
      });
      return container;
    },
  };
}

const forever = 'while :; do sleep 1; done';

describe('exit codes', () => {
  const rows: readonly { readonly script: string; readonly exitCode: number }[] = [
    { script: 'exit 0', exitCode: 0 },
    { script: 'exit 3', exitCode: 3 },
    { script: 'kill -HUP $$', exitCode: 129 },
    { script: 'kill -KILL $$', exitCode: 137 },
    { script: 'kill -SEGV $$', exitCode: 139 },
    { script: 'kill -TERM $$', exitCode: 143 },
  ];
  for (const { script, exitCode } of rows)
    test(`${script}: ${exitCode}`, async (t) => {
      const { pod: makePod, runtime, run } = await bench(t);
      const container = await run(runtime(), await makePod(script));
      assert.equal(await container.ended, exitCode);
    });

  test('a program that is not there: 127, as in a shell, and the log says it', async (t) => {
    const { pod: makePod, runtime, log, run } = await bench(t);
    const container = await run(runtime({ command: ['/no/such/program'] }), await makePod(''));
    assert.equal(await container.ended, 127);
    assert.match(await log(), /\/no\/such\/program/);
  });
});

test('mounted paths stand for folders of the Pod; what it prints is its log, what it says at its end its message', async (t) => {
  const { state, store, runtime, pod: makePod, log, run } = await bench(t);
  await store.create(configMap('c'));
  const made = await makePod('', {
    args: [
      'cat "$2"; ls "${3#--store=}"; echo "$PLAIN $MORE" >&2; touch "$TMPDIR/x"; printf done >"$1"',
      'sh',
      '/dev/termination-log',
      '/expression/default.nix',
      '--store=/store',
    ],
    env: [
      { name: 'TMPDIR', value: '/tmp' },
      { name: 'PLAIN', value: 'plain' },
    ],
    terminationMessagePath: '/dev/termination-log',
    volumeMounts: [
      { name: 'expression', mountPath: '/expression' },
      { name: 'temporary', mountPath: '/tmp' },
      { name: 'store', mountPath: '/store' },
    ],
  });
  await mkdir(join(state, 'store', 'default', 'blobs'), { recursive: true });
  const one = runtime({ environment: { MORE: 'more', PATH: process.env['PATH'] ?? '' } });
  const container = await run(one, made);
  assert.equal(await container.ended, 0);
  assert.equal(await log(), 'cblobs\nplain more\n');
  const { uid } = made.metadata;
  assert.equal(await one.message(uid), 'done');
  assert.deepEqual(await readdir(join(state, 'pods', uid, 'volumes', 'temporary')), ['x']);
  assert.deepEqual(await one.list(), [uid]);
  await one.remove(uid);
  assert.deepEqual(await one.list(), []);
});

test('a container is run once, by however many sessions at once', async (t) => {
  const { runtime, pod: makePod, log, run } = await bench(t);
  const made = await makePod(`echo run; ${forever}`);
  const containers = await Promise.all(Array.from({ length: 8 }, () => run(runtime(), made)));
  const [first] = containers;
  assert.ok(first);
  assert.equal(new Set(containers.map(({ startedAt }) => startedAt)).size, 1);
  for (const container of containers) container.signal('SIGKILL');
  const codes = await Promise.all(containers.map(({ ended }) => ended));
  // One is its parent; to the others it is a process that they found.
  assert.equal(codes.filter((code) => code !== undefined).length, 1);
  assert.equal((await log()).split('run').length, 2);
});

for (const turns of [0, 1, 100, 1000])
  test(`a container is run once also where its session is killed ${turns} turns after it started a process`, async (t) => {
    const { state, runtime, pod: makePod, log, run } = await bench(t);
    const made = await makePod('echo run');
    const { signal } = await execa(process.execPath, [killedSession, state, String(turns)], {
      reject: false,
    });
    assert.equal(signal, 'SIGKILL');
    const container = await run(runtime(), made);
    await container.ended;
    assert.equal(await log(), 'run\n');
  });

test('what another session started is found, with its start, and its end is noticed', async (t) => {
  const { state, runtime, pod: makePod, run } = await bench(t);
  const made = await makePod(forever);
  assert.equal(await runtime().find(made.metadata.uid), undefined);
  const container = await run(runtime(), made);
  const earlier = Date.now() - 3_600_000;
  await utimes(join(state, 'pods', made.metadata.uid, 'process'), earlier / 1000, earlier / 1000);
  const found = await runtime().find(made.metadata.uid);
  assert.ok(found);
  assert.ok(Math.abs(found.startedAt - earlier) < 2, `${found.startedAt}`);
  found.signal('SIGTERM');
  assert.equal(await found.ended, undefined);
  assert.equal(await container.ended, 143);
});

describe('another process of the same pid is not taken for the one that was recorded', () => {
  const rows: readonly {
    readonly reason: string;
    readonly change: (boot: string, start: string) => [string, string];
  }[] = [
    { reason: 'it started at another time', change: (boot, start) => [boot, `${start}0`] },
    { reason: 'the machine was started since', change: (boot, start) => [`${boot}0`, start] },
  ];
  for (const { reason, change } of rows)
    test(reason, async (t) => {
      const { state, runtime, pod: makePod, run } = await bench(t);
      const made = await makePod(forever);
      const container = await run(runtime(), made);
      const path = join(state, 'pods', made.metadata.uid, 'process');
      const [pid, boot = '', stat = ''] = (await readFile(path, 'utf8')).split('\n');
      const fields = stat.split(' ');
      const [newBoot, start] = change(boot, fields[21] ?? '');
      await writeFile(path, [pid, newBoot, fields.with(21, start).join(' '), ''].join('\n'));
      const found = await runtime().find(made.metadata.uid);
      assert.equal(await found?.ended, undefined);
      found?.signal('SIGKILL');
      container.signal('SIGTERM');
      assert.equal(await container.ended, 143);
    });
});

describe('a Pod that cannot be started leaves no process', () => {
  test('its ConfigMap is missing', async (t) => {
    const { runtime, pod: makePod } = await bench(t);
    const made = await makePod('exit', { volumeMounts: [{ name: 'expression', mountPath: '/expression' }] });
    await assert.rejects(runtime().run(made), /the ConfigMap c, mounted at \/expression, is not there/);
    assert.equal(await runtime().find(made.metadata.uid), undefined);
  });

  test('its folder cannot be made', async (t) => {
    const { state, runtime, pod: makePod } = await bench(t);
    const made = await makePod('exit');
    await writeFile(join(state, 'pods'), 'no folder');
    await assert.rejects(runtime().run(made), { code: 'ENOTDIR' });
  });
});
