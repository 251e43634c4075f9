import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** A process of this machine, read from /proc (proc(5)). */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly words: readonly string[];
}

/** All descendants of `pid`. */
export async function descendants(pid: number): Promise<readonly Process[]> {
  const all = await processes();
  const found: Process[] = [];
  const parents = [pid];
  for (let parent = parents.shift(); parent !== undefined; parent = parents.shift())
    for (const process of all)
      if (process.parent === parent) {
        found.push(process);
        parents.push(process.pid);
      }
  return found;
}

/** The descendant of `pid` whose words hold `words` in this order; waits for one to appear while `pid` runs. */
export async function descendant(pid: number, ...words: readonly string[]): Promise<Process> {
  for (;;) {
    const found = (await descendants(pid)).find((process) => holds(process.words, words));
    if (found !== undefined) return found;
    if (!isRunning(pid)) throw new Error(`the process ended before it started ${words.join(' ')}`);
    await delay(5);
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a process has ended; one that nobody has waited for yet (a zombie) has. */
export async function ended(pid: number): Promise<void> {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) return;
    await delay(10);
  }
}

function holds(words: readonly string[], wanted: readonly string[]): boolean {
  return words.some((_, index) => wanted.every((word, offset) => words[index + offset] === word));
}

async function processes(): Promise<readonly Process[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = await Promise.all(
    names.map(async (name) => {
      try {
        const stat = await readFile(`/proc/${name}/stat`, 'utf8');
        const words = (await readFile(`/proc/${name}/cmdline`, 'utf8')).split('\0').slice(0, -1);
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return [{ pid: Number(name), parent, words }];
      } catch {
        // It ended while it was looked at.
        return [];
      }
    }),
  );
  return read.flat();
}
