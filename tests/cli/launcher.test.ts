import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/tmp.ts';

const launcher = fileURLToPath(new URL('../../cli/niximage.mjs', import.meta.url));

test('the hook runs with a large nursery, as the very process that was started', async (t) => {
  const token = join(await temporaryFolder(t), 'token');
  await writeFile(token, 'a'.repeat(64));
  const words = ['hook', '--host=127.0.0.1', '--port=0', `--token-file=${token}`];
  const keeper = ['--keeper-url=http://127.0.0.1:1', `--keeper-token-file=${token}`];
  const child = spawn(process.execPath, [launcher, ...words, ...keeper], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const said = await new Promise<string>((resolve) => {
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('listening')) resolve(text);
    });
    void ended.then(() => resolve(text));
  });
  assert.match(said, /"listening"/);
  const line = await readFile(`/proc/${child.pid}/cmdline`, 'utf8');
  assert.match(line, /\0--min-semi-space-size=64\0--max-semi-space-size=64\0/);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

test('a hook that another process watches over keeps its channel, and ends with it', async (t) => {
  const token = join(await temporaryFolder(t), 'token');
  await writeFile(token, 'a'.repeat(64));
  const words = ['hook', '--host=127.0.0.1', '--port=0', `--token-file=${token}`];
  const keeper = ['--keeper-url=http://127.0.0.1:1', `--keeper-token-file=${token}`];
  const child = spawn(process.execPath, [launcher, ...words, ...keeper], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  assert.ok(child.stderr !== null);
  const ended = once(child, 'exit');
  await once(child.stderr, 'data');
  child.disconnect();
  await ended;
});

test('an error of the hook is told once, with its exit code', async () => {
  const child = spawn(process.execPath, [launcher, 'hook', '--prot=1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [exitCode] = await once(child, 'close');
  assert.equal(said.trim().split('\n').length, 1, said);
  assert.match(said, /--prot/);
  assert.equal(exitCode, 2);
});
