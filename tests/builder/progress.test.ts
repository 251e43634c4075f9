import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BuildError } from '../../builder/errors.ts';
import { freeBytesAt, parseSize, requireFree, SizeError } from '../../builder/freeSpace.ts';
import { BuildObserver } from '../../builder/observer.ts';
import { ProgressWriter } from '../../builder/progressWriter.ts';
import type { Activity, Progress } from '../../runtime/contract/progress.ts';

describe('ProgressWriter', () => {
  test('writes the first activity at once, the latest later, and none in between', async () => {
    const written: Activity[] = [];
    let latest: (() => void) | undefined;
    const last = new Promise<void>((resolve) => {
      latest = resolve;
    });
    const writer = new ProgressWriter('pod', async (progress: Progress) => {
      assert.equal(progress.pod, 'pod');
      written.push(progress.activity);
      if (progress.activity.kind === 'Publishing') latest?.();
    });
    writer.set({ kind: 'Evaluating' });
    for (let done = 0; done < 1000; done += 1) writer.set({ kind: 'Fetching', done, expected: 1000 });
    writer.set({ kind: 'Publishing' });
    await last;
    await writer.stop();
    assert.deepEqual(written, [{ kind: 'Evaluating' }, { kind: 'Publishing' }]);
  });

  test('a store that takes nothing stops no build', async () => {
    let tries = 0;
    const writer = new ProgressWriter('pod', () => {
      tries += 1;
      return Promise.reject(new Error('no space'));
    });
    writer.set({ kind: 'Evaluating' });
    await writer.stop();
    assert.equal(tries, 1);
  });
});

test('BuildObserver tells an activity once', async () => {
  const told: Activity[] = [];
  const lines: string[] = [];
  const observer = new BuildObserver({
    onActivity: (each) => told.push(each),
    onLog: (each) => void lines.push(each),
  });
  observer.activity({ kind: 'Evaluating' });
  await observer.nixEvent({ kind: 'CounterStarted', id: '1', counts: 'builds' });
  await observer.nixEvent({ kind: 'Counted', id: '1', done: 0, expected: 1 });
  await observer.nixEvent({ kind: 'Counted', id: '1', done: 0, expected: 1 });
  await observer.nixEvent({ kind: 'Logged', id: '9', line: 'hello' });
  assert.deepEqual(told, [{ kind: 'Evaluating' }, { kind: 'Building', done: 0, expected: 1 }]);
  assert.deepEqual(lines, ['nix> hello']);
});

describe('free space', () => {
  const sizes: readonly { text: string; bytes: number }[] = [
    { text: '0', bytes: 0 },
    { text: '1000', bytes: 1000 },
    { text: '512Mi', bytes: 536870912 },
    { text: '2G', bytes: 2e9 },
    { text: '1.5G', bytes: 15e8 },
  ];
  for (const { text, bytes } of sizes) test(text, () => assert.equal(parseSize(text), bytes));
  for (const text of ['', 'Mi', '-1', '0.5', '1 G', '1KB', '99999999Ti'])
    test(`${JSON.stringify(text)} is no size`, () => assert.throws(() => parseSize(text), SizeError));

  test('a place that is not there yet has what its parent has', async () => {
    assert.equal((await freeBytesAt('/nonexistent/a/b')) > 0, true);
  });

  test('below the floor it fails with both figures', () => {
    requireFree('/nix', 100, 100);
    assert.throws(
      () => requireFree('/nix', 99 * 2 ** 20, 100 * 2 ** 20),
      (error) =>
        error instanceof BuildError &&
        error.code === 'DiskFull' &&
        /^\/nix has 99 MiB.*100 MiB/.test(error.message),
    );
  });
});
