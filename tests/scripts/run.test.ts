import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { testFiles } from '../../scripts/test.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a program through runInForeground, in a process of its own. */
function inForeground(program: string) {
  const code = `
    import { runInForeground } from ${JSON.stringify(`${root}scripts/setup/run.mjs`)};
    process.exitCode = await runInForeground(process.execPath, ['-e', ${JSON.stringify(program)}]);`;
  return execa(process.execPath, ['--input-type=module', '-e', code], { reject: false });
}

describe('a program in the foreground', () => {
  for (const [program, exitCode, reason] of [
    ['process.exit(0)', 0, 'success'],
    ['process.exit(7)', 7, 'its own exit code'],
    ["process.kill(process.pid, 'SIGKILL')", 137, '128 and the number of the signal that ended it'],
  ] as const)
    test(reason, async () => {
      assert.equal((await inForeground(program)).exitCode, exitCode);
    });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    test(`${signal} is the program's to handle`, async () => {
      const running = inForeground(
        `process.on('${signal}', () => { console.log('handled'); process.exit(3) }); console.log('ready'); setInterval(() => {}, 1000);`,
      );
      running.stdout.once('data', () => running.kill(signal));
      const { exitCode, stdout } = await running;
      assert.deepEqual([exitCode, stdout], [3, 'ready\nhandled']);
    });
});

describe('npm test', () => {
  test('takes every test file but those that need a cluster or containers of their own', async () => {
    const files = await testFiles([]);
    assert.ok(files.includes('tests/scripts/run.test.ts'));
    assert.deepEqual(
      files.filter((file) => !file.endsWith('.test.ts') || /^tests\/(cluster|compose)\//.test(file)),
      [],
    );
  });

  test('takes those below the places that are named', async () => {
    assert.deepEqual(await testFiles([join(root, 'tests/scripts/run.test.ts')]), [
      'tests/scripts/run.test.ts',
    ]);
  });

  test('fails where there is none', async () => {
    const { exitCode, stderr } = await execa(process.execPath, [`${root}scripts/test.mjs`, 'tests/nowhere'], {
      reject: false,
    });
    assert.equal(exitCode, 1);
    assert.equal(stderr, 'No test file (*.test.ts) in tests/nowhere.');
  });
});

test('a run in which no test ran fails, and says so', async () => {
  const { exitCode, stderr } = await execa(
    process.execPath,
    [`${root}scripts/test.mjs`, '--test-name-pattern=no test of this name', 'tests/scripts/closure.test.ts'],
    { cwd: root, reject: false, env: { NODE_TEST_CONTEXT: undefined } },
  );
  assert.deepEqual([exitCode, stderr], [1, 'No test ran.']);
});

/** A Node of this machine that cannot run the sources by itself. */
async function olderNode(): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const node of [...folders, '/usr/bin', '/usr/local/bin'].map((folder) => join(folder, 'node'))) {
    if (
      !(await access(node).then(
        () => true,
        () => false,
      ))
    )
      continue;
    const { stdout } = await execa(node, ['--version'], { reject: false });
    const major = Number(/^v(\d+)\./.exec(stdout)?.[1]);
    if (major >= 20 && major < 24) return node;
  }
  return undefined;
}

describe('the program niximage', () => {
  for (const [words, exitCode] of [
    [['--help'], 0],
    [['no-such-command'], 2],
  ] as const)
    test(`answers ${words.join(' ')} alike with an older Node and with this one`, async (t) => {
      const older = await olderNode();
      if (older === undefined) return t.skip('this machine has no Node from 20 to 23');
      const [here, there] = await Promise.all(
        [process.execPath, older].map((node) =>
          execa(node, [`${root}cli/niximage.mjs`, ...words], { reject: false }),
        ),
      );
      assert.equal(here?.exitCode, exitCode);
      assert.deepEqual([there?.exitCode, there?.stdout, there?.stderr], [exitCode, here.stdout, here.stderr]);
    });
});
