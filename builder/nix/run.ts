import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { hasErrno, messageOf } from '../../runtime/errors.ts';
import { BuildError } from '../errors.ts';
import { type NixEvent, parseNixLine } from './event.ts';
import type { NixExit } from './failure.ts';
import { LineSplitter } from './lines.ts';
import { diesWithUs } from './parentDeath.ts';
import { type NixSettings, nixEnvironment } from './settings.ts';

export interface NixRun {
  readonly program: 'nix' | 'nix-build' | 'nix-instantiate' | 'nix-store';
  readonly words: readonly string[];
  readonly settings: NixSettings;
  readonly signal: AbortSignal;
  /** Called for each line of standard error, in order; the next line waits for its promise. */
  readonly onEvent?: (event: NixEvent) => void | Promise<void>;
}

export interface NixResult {
  readonly exit: NixExit;
  /** Standard output, without its last line end. */
  readonly output: string;
}

const outputLimit = 64 * 1024 * 1024;
const graceMilliseconds = 1000;

/**
 * Runs one program of Nix to its end, in a process group of its own. When `signal` aborts, the group gets SIGTERM,
 * and SIGKILL a second later; builds end with it, for Nix has them die with their parent.
 * @throws {BuildError} `NixUnavailable` where the program is not installed, `Interrupted` after an abort.
 */
export async function runNix(run: NixRun): Promise<NixResult> {
  run.signal.throwIfAborted();
  const child = await start(run);
  const stop = endGroupOnAbort(child.pid, run.signal);
  try {
    const closed = endOf(child);
    const [output] = await Promise.all([outputOf(child.stdout), readEvents(child.stderr, run.onEvent)]);
    const exit = await closed;
    run.signal.throwIfAborted();
    return { exit, output };
  } catch (error) {
    if (child.pid !== undefined && child.exitCode === null) killGroup(child.pid, 'SIGKILL');
    throw error;
  } finally {
    stop();
  }
}

type NixProcess = ChildProcessByStdio<null, Readable, Readable>;

async function start(run: NixRun): Promise<NixProcess> {
  const env = await nixEnvironment(run.settings);
  const [program, ...words] = await diesWithUs(run.program, run.words, env['PATH']);
  // Node's own spawn: to load execa takes as long as all else that the builder does before Nix starts.
  const child = spawn(program, words, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that all of it can be ended; nothing else is to reach it.
    detached: true,
  });
  try {
    await once(child, 'spawn');
    return child;
  } catch (cause) {
    if (hasErrno(cause, 'ENOENT')) throw nixMissing(run.program, cause);
    throw new BuildError('NixUnavailable', `${run.program} could not be started: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function endOf(child: NixProcess): Promise<NixExit> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
}

/** All that is written to a stream, without the last line end; what is beyond the limit is read and dropped. */
async function outputOf(stdout: AsyncIterable<unknown>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stdout) {
    if (!(chunk instanceof Uint8Array)) continue;
    size += chunk.length;
    if (size <= outputLimit) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8').replace(/\n$/, '');
}

async function readEvents(stderr: AsyncIterable<unknown>, onEvent: NixRun['onEvent']): Promise<void> {
  const splitter = new LineSplitter();
  const read = async (lines: readonly string[]): Promise<void> => {
    for (const line of lines) {
      // A log of 10 MB is some 200,000 events: only one that has to wait is waited for.
      const waiting = onEvent?.(parseNixLine(line));
      if (waiting !== undefined) await waiting;
    }
  };
  for await (const chunk of stderr) if (chunk instanceof Uint8Array) await read(splitter.push(chunk));
  await read(splitter.end());
}

function nixMissing(program: string, cause: unknown): BuildError {
  return new BuildError(
    'NixUnavailable',
    `${program} is not on the PATH; install Nix (on Debian and Ubuntu: apt-get install nix-bin; elsewhere see https://nixos.org/download), or add its folder to PATH`,
    { cause },
  );
}

/** Ends the process group of `pid` when `signal` aborts. Returns what undoes it. */
function endGroupOnAbort(pid: number | undefined, signal: AbortSignal): () => void {
  if (pid === undefined) return () => {};
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    killGroup(pid, 'SIGTERM');
    timer = setTimeout(() => killGroup(pid, 'SIGKILL'), graceMilliseconds);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
}
