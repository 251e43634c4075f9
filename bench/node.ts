import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { BenchOptions } from './main.ts';
import { median } from './median.ts';
import type { Measured, Round } from './node/measured.ts';
import { type Row, timesRow } from './row.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

/**
 * One image on a cluster of one node, with containerd and kubelet, as `npm run test:cluster` makes it: from
 * `kubectl apply` to a Pod that runs, against plain nix-build of the same expression in the builder's own Pod.
 */
export async function benchNode({ rounds = 3 }: BenchOptions): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'niximage-bench-'));
  try {
    const file = join(folder, 'measured.json');
    const words = ['scripts/cluster.mjs', '--program', 'bench/node/measure.ts', file, String(rounds)];
    await execa(process.execPath, words, { cwd: project, stdio: ['ignore', 'inherit', 'inherit'] });
    const measured: Measured = JSON.parse(await readFile(file, 'utf8'));
    console.log(`\nunder ${measured.metacontroller}\n`);
    return [
      ...rows('empty /nix, apply to a Pod that runs', measured.cold),
      ...rows('packages in /nix, apply to Built', measured.warm),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rows(name: string, rounds: readonly Round[]): Row[] {
  const ours = median(rounds.map((round) => round.ours));
  return [
    timesRow(`${name}, against nix-build itself`, 's', ours, median(rounds.map((round) => round.nixBuild))),
    timesRow(
      `${name}, against a Pod with nix-build`,
      's',
      ours,
      median(rounds.map((round) => round.nixBuildInPod)),
    ),
  ];
}
