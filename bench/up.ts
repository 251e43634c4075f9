import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { freePort } from '../cli/up/ports.ts';
import { median } from './median.ts';
import { type Row, row } from './row.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const starts = 5;

/** Seconds of the README's first command to its end, with packages that are there already: a first start, and a second. */
export async function benchUp(): Promise<readonly Row[]> {
  const first: number[] = [];
  const second: number[] = [];
  for (let start = 0; start <= starts; start += 1) {
    const state = await mkdtemp(join(tmpdir(), 'niximage-bench-'));
    try {
      const [one, other] = [await seconds(state), await seconds(state)];
      // The very first may still build packages.
      if (start === 0) continue;
      first.push(one);
      second.push(other);
    } finally {
      await rm(state, { recursive: true });
    }
  }
  return [
    row('up --once, first start, empty state', 's', median(first), { below: 10 }),
    row('up --once, second start, Built', 's', median(second), { below: 3 }),
  ];
}

async function seconds(state: string): Promise<number> {
  const began = performance.now();
  await execa('npm', ['run', 'up', '--', '--once', 'examples/curl-and-jq.yaml'], {
    cwd: project,
    env: { NIXIMAGE_STATE: state, NIXIMAGE_NIXPKGS: 'demo', NIXIMAGE_PORT: String(await freePort()) },
    stdin: 'ignore',
  });
  return (performance.now() - began) / 1000;
}
