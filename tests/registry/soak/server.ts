import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Sample } from './growth.ts';

const program = fileURLToPath(new URL('../../../cli/niximage.mjs', import.meta.url));

/** `niximage registry serve` as a process of its own. */
export interface SoakedServer {
  readonly url: string;
  sample(): Promise<Sample>;
  end(): Promise<void>;
}

/** @throws {Error} where it ends before it listens. */
export async function startServer(store: string): Promise<SoakedServer> {
  const words = [program, 'registry', 'serve', `--store=${store}`, '--host=127.0.0.1', '--port=0'];
  const server = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(server, 'exit');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  createInterface(server.stderr).on('line', (line) => {
    const { msg, url } = JSON.parse(line);
    if (msg === 'listening') resolve(String(url));
  });
  void ended.then(([code]) => reject(new Error(`the server ended with ${code}`)));
  return {
    url: await promise,
    sample: () => sampleOf(server.pid ?? 0),
    async end() {
      server.kill('SIGTERM');
      await ended;
    },
  };
}

/** proc(5), `status`. */
async function sampleOf(pid: number): Promise<Sample> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return { memory: Number(kibibytes) * 1024, descriptors: await descriptorsOf(pid) };
}

/** proc(5), `fd`. A blob whose last byte was sent is closed in the next moments: those are waited for, a second at most. */
async function descriptorsOf(pid: number): Promise<number> {
  const until = performance.now() + 1000;
  for (;;) {
    const names = await readdir(`/proc/${pid}/fd`);
    const paths = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
    const open = paths.filter((path) => path !== '');
    if (performance.now() > until || !open.some((path) => path.includes('/blobs/'))) return open.length;
    await delay(10);
  }
}
