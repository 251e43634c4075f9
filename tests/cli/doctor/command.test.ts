import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { main } from '../../../cli/main.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { healthy } from './support/healthy.ts';
import { type StandInOptions, writeKubectl } from './support/standIn.ts';

async function doctor(t: TestContext, options: StandInOptions = {}, ...words: string[]) {
  const folder = await temporaryFolder(t);
  const kubectl = await writeKubectl(folder, healthy, options);
  let stdout = '';
  let stderr = '';
  const terminal = {
    cwd: folder,
    env: {},
    stdin: Readable.from([]),
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    signal: new AbortController().signal,
  };
  const exitCode = await main(['doctor', `--kubectl=${kubectl.program}`, ...words], terminal);
  return { exitCode, stdout, stderr, world: await kubectl.world() };
}

describe('niximage doctor', () => {
  test('a cluster on which all is well: each line says ok, and its Pods are taken away', async (t) => {
    const { exitCode, stdout, world } = await doctor(t);
    assert.equal(exitCode, 0, stdout);
    const lines = stdout.trim().split('\n');
    assert.ok(lines.length >= 10);
    assert.ok(
      lines.every((line) => line.startsWith('ok ')),
      stdout,
    );
    assert.match(lines.at(-1) ?? '', /^ok +pull +one pulls localhost:30500\/curl-and-jq:v1$/);
    assert.equal(world.created?.length, 1);
    assert.ok(world.deleted?.includes('--namespace=default'));
  });

  test('a node that cannot pull: what to do, and exit code 1', async (t) => {
    const pull = { reason: 'ErrImagePull', message: 'http: server gave HTTP response to HTTPS client' };
    const { exitCode, stdout, world } = await doctor(t, { pull });
    assert.equal(exitCode, 1);
    assert.match(stdout, /^to do +pull +one: http: server gave HTTP.*hosts\.toml/m);
    assert.ok(world.deleted?.includes('--namespace=default'));
  });

  test('a node that takes too long', async (t) => {
    const { exitCode, stdout } = await doctor(t, { pull: { reason: 'ContainerCreating' } }, '--timeout=1s');
    assert.equal(exitCode, 1);
    assert.match(stdout, /one did not pull .* within 1 s/);
  });

  test('--skip-pull starts nothing', async (t) => {
    const { exitCode, stdout, world } = await doctor(t, {}, '--skip-pull');
    assert.equal(exitCode, 0);
    assert.doesNotMatch(stdout, /pull/);
    assert.deepEqual([world.created, world.deleted], [undefined, undefined]);
  });

  test('a cluster that does not answer: the last line of kubectl, once', async (t) => {
    const refused = 'noise\nThe connection to the server a:1 was refused';
    const { exitCode, stdout, stderr } = await doctor(t, { error: refused });
    assert.equal(exitCode, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^kubectl get .* failed: The connection to the server a:1 was refused\n$/);
  });

  test('no kubectl', async (t) => {
    const { exitCode, stderr } = await doctor(t, {}, '--context=a', '--skip-pull');
    assert.equal(exitCode, 0, stderr);
    let said = '';
    const terminal = {
      cwd: '/',
      env: {},
      stdin: Readable.from([]),
      stdout: { write: () => true },
      stderr: { write: (text: string) => (said += text) },
      signal: new AbortController().signal,
    };
    assert.equal(await main(['doctor', '--kubectl=/nowhere/kubectl'], terminal), 1);
    assert.match(said, /\/nowhere\/kubectl cannot be run; install kubectl, or name it with --kubectl/);
  });
});
