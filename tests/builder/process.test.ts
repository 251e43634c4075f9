import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { runBuilder } from '../../builder/main.ts';
import { assertBuilt, publishedDigests, storedImage } from './support/image.ts';
import { podBench } from './support/pod.ts';

/** Waits for a line of the builder's log. */
async function line(child: ChildProcess, wanted: string): Promise<void> {
  assert.ok(child.stdout !== null);
  const lines = createInterface({ input: child.stdout });
  const seen: string[] = [];
  for await (const each of lines) {
    seen.push(each);
    if (each.includes(wanted)) {
      child.stdout.resume();
      return;
    }
  }
  assert.fail(`the builder ended without saying ${wanted}: ${seen.join('\n')}`);
}

describe('niximage builder', () => {
  test('builds what is ordered and reports it', async (t) => {
    const bench = await podBench(t, 'curl bash');
    const lines: string[] = [];
    const output = { write: (text: string) => lines.push(text) > 0, once: () => undefined };
    assert.equal(await runBuilder(bench.words(), bench.environment, t.signal, output), 0);
    const report = await bench.report();
    assertBuilt(report);
    await storedImage(bench.store, report);
    assert.ok(lines.every((each) => !each.includes('@nix')));
    assert.match(lines.at(-1) ?? '', new RegExp(`built ${report.digest}`));
  });

  const refused: readonly {
    readonly reason: string;
    readonly change: (words: readonly string[]) => string[];
    readonly environment?: { readonly [name: string]: string };
    readonly want: string;
    readonly message: RegExp;
  }[] = [
    {
      reason: 'an expression that is not the ordered one',
      change: (words) =>
        words.map((word) => word.replace(/^(--expression-digest=).*/, `$1sha256:${'0'.repeat(64)}`)),
      want: 'ExpressionChanged',
      message: /not the one that was ordered/,
    },
    {
      reason: 'an expression that is not there',
      change: (words) =>
        words.map((word) => word.replace(/^(--expression=).*/, '$1/nonexistent/default.nix')),
      want: 'ExpressionChanged',
      message: /is the ConfigMap mounted/,
    },
    {
      reason: 'an order without a tag',
      change: (words) => words.filter((word) => !word.startsWith('--tag=')),
      want: 'InternalError',
      message: /needs --tag/,
    },
    {
      reason: 'a floor that is no size',
      change: (words) => [...words],
      environment: { NIXIMAGE_MIN_FREE: 'plenty' },
      want: 'InternalError',
      message: /is no size/,
    },
    {
      reason: 'a machine without Nix',
      change: (words) => [...words],
      environment: { PATH: '/nonexistent' },
      want: 'NixUnavailable',
      message: /install Nix/,
    },
    {
      reason: 'a floor above what is free',
      change: (words) => [...words],
      environment: { NIXIMAGE_MIN_FREE: '1000Ti' },
      want: 'DiskFull',
      message: /MiB free/,
    },
  ];
  for (const { reason, change, environment, want, message } of refused)
    test(`${reason} is refused`, async (t) => {
      const bench = await podBench(t, 'curl');
      const output = { write: () => true, once: () => undefined };
      const code = await runBuilder(
        change(bench.words()),
        { ...bench.environment, ...environment },
        t.signal,
        output,
      );
      assert.equal(code, 1);
      const report = await bench.report();
      assert.ok(report.result === 'Failed');
      assert.equal(report.reason, want, report.message);
      assert.match(report.message, message);
      assert.deepEqual(await publishedDigests(bench.store), []);
    });

  test('SIGTERM ends it and its Nix; the report says that it was interrupted', async (t) => {
    const bench = await podBench(t, 'waiting');
    const child = bench.start();
    await line(child, 'waiting-1> waiting');
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    assert.deepEqual(await exit, [1, null]);
    const report = await bench.report();
    assert.ok(report.result === 'Failed');
    assert.equal(report.reason, 'Interrupted');
    assert.equal(report.transient, true);
    assert.deepEqual(await readdir(join(bench.store, 'tmp')), []);
    await writeFile(bench.gate, '');
    assert.equal(await bench.run(bench.words(2)), 0);
  });

  test('kill -9 in the middle of a build: the next attempt builds, and the store is whole', async (t) => {
    const bench = await podBench(t, 'curl waiting');
    const child = bench.start();
    await line(child, 'waiting-1> waiting');
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    assert.deepEqual(await exit, [null, 'SIGKILL']);
    assert.deepEqual(await publishedDigests(bench.store), []);
    await writeFile(bench.gate, '');
    assert.equal(await bench.run(bench.words(2)), 0);
    const report = await bench.report();
    assertBuilt(report);
    await storedImage(bench.store, report);
    assert.deepEqual(await publishedDigests(bench.store), [report.digest]);
  });
});
