import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** Seconds. */
export interface Usage {
  readonly wall: number;
  /** User and system time, that of all processes it waited for included. */
  readonly cpu: number;
}

export interface Command {
  readonly program: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end, its output going to a file in `folder`. @throws {Error} with that output where it fails. */
export async function timed({ program, words, env = {} }: Command, folder: string): Promise<Usage> {
  const log = join(folder, 'output');
  const script = 'TIMEFORMAT="%R %U %S"; log=$1; shift; time "$@" > "$log" 2>&1';
  const { stderr, failed } = await execa('bash', ['-c', script, 'bash', log, program, ...words], {
    env: { ...env, LC_ALL: 'C' },
    reject: false,
  });
  if (failed) throw new Error(`${program} ${words.join(' ')} failed:\n${await readFile(log, 'utf8')}`);
  const [wall = 0, user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { wall, cpu: user + system };
}

/** The least of several: what the machine does when its neighbours leave it alone. */
export function best(usages: readonly Usage[]): Usage {
  return {
    wall: Math.min(...usages.map(({ wall }) => wall)),
    cpu: Math.min(...usages.map(({ cpu }) => cpu)),
  };
}
