import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';

const program = `
  import { shutdownSignal } from ${JSON.stringify(new URL('../../runtime/shutdown.ts', import.meta.url).href)};
  const signal = shutdownSignal();
  const busy = setInterval(() => {}, 1000);
  signal.addEventListener('abort', () => {
    console.log(signal.reason);
    if (process.env['DRAIN'] === 'quick') clearInterval(busy), process.disconnect?.();
  });
  console.log('ready');
`;

function start(drain: 'quick' | 'never'): { child: ReturnType<typeof spawn>; line: () => Promise<string> } {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, DRAIN: drain },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, line: async () => String((await lines.next()).value) };
}

describe('shutdownSignal', () => {
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    test(`${name} aborts and lets the process end in its own time`, async () => {
      const { child, line } = start('quick');
      const exit = once(child, 'exit');
      assert.equal(await line(), 'ready');
      child.kill(name);
      assert.equal(await line(), name);
      assert.deepEqual(await exit, [0, null]);
    });

    test(`a second ${name} ends a process that hangs`, async () => {
      const { child, line } = start('never');
      const exit = once(child, 'exit');
      assert.equal(await line(), 'ready');
      child.kill('SIGTERM');
      assert.equal(await line(), 'SIGTERM');
      child.kill(name);
      assert.deepEqual(await exit, [name === 'SIGTERM' ? 143 : 130, null]);
    });
  }
});
