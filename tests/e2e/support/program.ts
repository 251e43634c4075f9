import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Cleanups } from './cleanup.ts';

export const project = fileURLToPath(new URL('../../..', import.meta.url));
export const program = fileURLToPath(new URL('../../../cli/niximage.mjs', import.meta.url));

export interface Ran {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** Runs `niximage` to its end; a failing exit code is an answer, not an error. */
export async function niximage(
  words: readonly string[],
  { cwd, env, input = '', timeout = 120_000 }: RunOptions,
): Promise<Ran> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [program, ...words], {
    cwd,
    env: { NO_COLOR: '1', ...env },
    input,
    reject: false,
    timeout,
  });
  return { exitCode, stdout, stderr };
}

/** A `niximage up` that goes on running, and what it printed so far. */
export class Session {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  #output = '';
  readonly #waiting: (() => void)[] = [];

  constructor(words: readonly string[], { cwd, env }: RunOptions) {
    this.#child = spawn(process.execPath, [program, 'up', ...words], {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exit = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
        for (const wake of this.#waiting.splice(0)) wake();
      });
    this.#child.on('exit', () => {
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** Starts one that is stopped when the test ends. */
  static start(t: Cleanups, words: readonly string[], options: RunOptions): Session {
    const session = new Session(words, options);
    t.after(() => session.stop());
    return session;
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('niximage up did not start');
    return pid;
  }

  get output(): string {
    return this.#output;
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Waits until the output from `since` on matches; fails when the session ends before. */
  async says(pattern: RegExp, since = 0): Promise<void> {
    while (!pattern.test(this.#output.slice(since))) {
      if (this.ended)
        throw new Error(`niximage up ended before it said ${pattern}; it said:\n${this.#output}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** SIGTERM, and the wait for the end. @returns the exit code. */
  async stop(): Promise<number | null> {
    if (!this.ended) this.#child.kill('SIGTERM');
    await this.#exit;
    return this.#child.exitCode;
  }

  /** SIGKILL, and the wait for the end. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }

  async end(): Promise<number | null> {
    await this.#exit;
    return this.#child.exitCode;
  }
}
