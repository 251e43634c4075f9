import { readFile } from 'node:fs/promises';

/** Does one step of the set-up, and prints what it took: seconds, and seconds of CPU of the programs it ran. */
export async function stage<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const started = Date.now();
  const before = await secondsOfChildren();
  try {
    return await work();
  } finally {
    const seconds = Math.round((Date.now() - started) / 1000);
    const ofCpu = Math.round((await secondsOfChildren()) - before);
    console.log(
      `# ${name.padEnd(44)} ${String(seconds).padStart(4)} s, ${String(ofCpu).padStart(4)} s of CPU`,
    );
  }
}

/** The kernel counts in hundredths of a second: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const ticks = 100;

/** Seconds of CPU that this process' children took which have ended, and theirs. */
async function secondsOfChildren(): Promise<number> {
  const stat = await readFile('/proc/self/stat', 'utf8');
  // The name in parentheses may hold spaces; the state, field 3, comes after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[16 - 3]) + Number(fields[17 - 3])) / ticks;
}
