import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Process {
  readonly pid: number;
  hasEnded(): boolean;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program with its output in a file. */
export function startProcess(log: string, program: string, words: readonly string[]): Process {
  const output = openSync(log, 'a');
  const child = spawn(program, words, { stdio: ['ignore', output, output], cwd: dirname(log) });
  closeSync(output);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  if (child.pid === undefined) throw new Error(`${program} could not be started`);
  return {
    pid: child.pid,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** Asks until the answer is yes; there is no event for what another program's server answers. */
export async function until(
  question: () => Promise<boolean>,
  milliseconds: number,
  explain: () => Promise<string> = async () => '',
): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await question())) {
    if (Date.now() > end)
      throw new Error(`not so after ${milliseconds} ms: ${(await explain()).slice(-3000)}`);
    await delay(100);
  }
}
