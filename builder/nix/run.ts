import { execa } from 'execa';
import { hasErrno } from '../../runtime/errors.ts';
import { BuildError } from '../errors.ts';
import { type NixEvent, parseNixLine } from './event.ts';
import type { NixExit } from './failure.ts';
import { LineSplitter } from './lines.ts';
import { diesWithUs } from './parentDeath.ts';
import { type NixSettings, nixEnvironment } from './settings.ts';

export interface NixRun {
  readonly program: 'nix-build' | 'nix-instantiate' | 'nix-store';
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
  const env = await nixEnvironment(run.settings);
  const [program, ...words] = await diesWithUs(run.program, run.words, env['PATH']);
  const subprocess = execa(program, words, {
    env,
    extendEnv: false,
    stdin: 'ignore',
    buffer: { stdout: true, stderr: false },
    maxBuffer: { stdout: outputLimit },
    // A group of its own, so that all of it can be ended; nothing else is to reach it.
    detached: true,
    cleanup: false,
    reject: false,
  });
  const stop = endGroupOnAbort(subprocess.pid, run.signal);
  try {
    await readEvents(subprocess.stderr, run.onEvent);
    const result = await subprocess;
    run.signal.throwIfAborted();
    return resultOf(run.program, result);
  } finally {
    stop();
  }
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

/** What is looked at of execa's result. */
interface Ended {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly cause?: unknown;
  readonly shortMessage?: string | undefined;
  readonly stdout?: unknown;
}

function resultOf(program: string, result: Ended): NixResult {
  if (result.exitCode === undefined && result.signal === undefined) {
    if (hasErrno(result.cause, 'ENOENT')) throw nixMissing(program, result.cause);
    throw new BuildError(
      'NixUnavailable',
      `${program} could not be started: ${result.shortMessage ?? 'no reason given'}`,
      {
        cause: result.cause,
      },
    );
  }
  return {
    exit: { code: result.exitCode, signal: result.signal },
    output: typeof result.stdout === 'string' ? result.stdout : '',
  };
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
