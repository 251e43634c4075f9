import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const ticksPerSecond = 100;

/** Seconds of CPU that processes and their children have used since they began. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  const ticks = await Promise.all((await trees(pids)).map((each) => ticksOf(each)));
  return ticks.reduce((sum, one) => sum + one, 0) / ticksPerSecond;
}

/** Resolves once processes and their children use next to no CPU: a fiftieth of a core for 600 ms. */
export async function atRest(pids: readonly number[]): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    const before = await cpuSeconds(pids);
    await delay(200);
    quiet = (await cpuSeconds(pids)) - before <= 0.2 / 50 + 1 / ticksPerSecond ? quiet + 1 : 0;
  }
}

/** Resident bytes of each: processes and their children. */
export async function residentBytes(pids: readonly number[]): Promise<readonly number[]> {
  return await Promise.all(
    (await trees(pids)).map(async (each) => {
      const status = await readFile(`/proc/${each}/status`, 'utf8').catch(() => '');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    }),
  );
}

async function trees(pids: readonly number[]): Promise<readonly number[]> {
  return (await Promise.all(pids.map((pid) => tree(pid)))).flat();
}

/** A process and all below it. */
async function tree(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const children = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  const below = await Promise.all(
    children
      .join(' ')
      .split(' ')
      .filter(Boolean)
      .map((child) => tree(Number(child))),
  );
  return [pid, ...below.flat()];
}

async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Behind the program's name, which may hold anything: utime and stime are the 14th and 15th field of all.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}
