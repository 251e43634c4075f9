import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { request } from 'undici';
import { fleet } from './images.ts';
import { keeperAnswerer } from './keeper.ts';
import { load, postBytes } from './load.ts';
import { type Row, row } from './row.ts';
import { freePort, untilReady } from './server.ts';

const program = fileURLToPath(new URL('../cli/niximage.mjs', import.meta.url));
const workers = 20;

/**
 * Syncs a second of one hook on one core, over HTTP, with the token, and a keeper that answers at once. Each image is
 * served, as nearly all are in a cluster at rest; images come in turn, so that no cache of the last one helps.
 */
export async function benchHook(): Promise<readonly Row[]> {
  const cores = availableParallelism();
  if (cores < 2) throw new Error('this needs two cores: one for the hook, one for what asks it');
  await pin(process.pid, `1-${cores - 1}`);
  const rows: Row[] = [];
  for (const count of [1, 100, 10_000]) {
    const { bodies, states } = fleet(count);
    const keeper = await keeperAnswerer(states);
    const hook = await startHook(keeper.url);
    const headers = { authorization: `Bearer ${hook.token}`, 'content-type': 'application/json' };
    const requests = bodies.map((body) => postBytes(hook.url, '/sync', headers, body));
    let index = 0;
    const next = (): Buffer => {
      index = (index + 1) % count;
      return requests[index] ?? Buffer.alloc(0);
    };
    try {
      await load(hook.url, next, { workers, seconds: 2 });
      const before = await cpuSeconds(hook.url);
      const { count: syncs, perSecond } = await load(hook.url, next, { workers, seconds: 4 });
      const cpu = (await cpuSeconds(hook.url)) - before;
      const name = `${count} image${count === 1 ? '' : 's'}`;
      rows.push(row(`hook, ${name}`, 'syncs/s', perSecond, { atLeast: 3000 }));
      // What a core can do, also where other programs take a part of it while this is measured.
      rows.push(row(`hook, ${name}`, 'syncs/CPU s', syncs / cpu, { atLeast: 3000 }));
      // At the goal's rate: with 20 requests under way all the time, each would wait for the 19 before it.
      const { p50, p99 } = await load(hook.url, next, { workers, seconds: 4, pace: 3000 });
      rows.push(row(`hook, ${name}, p50 at 3000/s`, 'ms', p50, { below: 5 }));
      rows.push(row(`hook, ${name}, p99 at 3000/s`, 'ms', p99, { below: 5 }));
    } finally {
      await hook.stop();
      keeper.close();
    }
  }
  return rows;
}

interface Hook {
  readonly url: string;
  readonly token: string;
  readonly stop: () => Promise<void>;
}

/** The hook as in production, a process of its own, held to the first core. */
async function startHook(keeperUrl: string): Promise<Hook> {
  const folder = await mkdtemp(join(tmpdir(), 'niximage-bench-'));
  const token = 'bench';
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, token);
  const port = await freePort();
  const words = [
    ...['hook', '--host=127.0.0.1', `--port=${port}`, '--log-level=warn'],
    ...[`--keeper-url=${keeperUrl}`, `--keeper-token-file=${tokenFile}`, `--token-file=${tokenFile}`],
  ];
  const profile = process.env['BENCH_PROFILE'];
  const node = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = spawn('taskset', ['--cpu-list', '0', process.execPath, ...node, program, ...words], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  await untilReady(`${url}/readyz`, () => child.exitCode !== null);
  return {
    url,
    token,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** CPU time that the hook has used, by its own metrics. */
async function cpuSeconds(url: string): Promise<number> {
  const { body } = await request(`${url}/metrics`);
  const seconds = /^process_cpu_seconds_total (\S+)/m.exec(await body.text())?.[1];
  return Number(seconds);
}

async function pin(pid: number, cores: string): Promise<void> {
  await execa('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)]);
}
