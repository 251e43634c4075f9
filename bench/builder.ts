import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { ensurePackages } from '../scripts/packages.mjs';
import { SetUpError } from '../scripts/setup/command.mjs';
import { ensureTools } from '../scripts/setup/debian.mjs';
import { benchImages } from './builder/images.ts';
import { benchLayers } from './builder/layers.ts';
import { makeStore } from './builder/ours.ts';
import { benchStartUp } from './builder/startUp.ts';
import { regularFiles } from './builder/trees.ts';
import type { BenchOptions } from './main.ts';
import type { Row } from './row.ts';

/**
 * The builder against what one does by hand: nix-build of the image's archive, then skopeo copy into docker-registry
 * (into an OCI layout where that cannot be had). Rounds of the two take turns; of each side the best round counts.
 */
export async function benchBuilder({ large = 1e9, rounds = 3 }: BenchOptions): Promise<readonly Row[]> {
  const say = (line: string): void => console.error(line);
  await ensureTools(['bench'], say).catch((error: unknown) => {
    if (!(error instanceof SetUpError)) throw error;
    say(`${error.message} Images go into an OCI layout by hand.`);
  });
  const nixpkgs = await ensurePackages({ say });
  const folder = await mkdtemp(join(tmpdir(), 'niximage-bench-'));
  try {
    const env = environment(folder, nixpkgs);
    const store = await makeStore(join(folder, 'start-up'), env);
    return [
      ...(await benchImages(folder, env, rounds)),
      await benchStartUp(folder, store),
      ...(await benchLayers(folder, await programs(env), { large, rounds })),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

function environment(folder: string, nixpkgs: string): Readonly<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TMPDIR: folder,
    NIX_PATH: `nixpkgs=${nixpkgs}`,
    NIX_CONFIG: 'substituters =\nsandbox = false\nbuild-users-group =',
    NIXIMAGE_MIN_FREE: '1Mi',
  };
}

/** Files of real programs, of which made layers are cut. */
async function programs(env: Readonly<Record<string, string>>): Promise<string[]> {
  const words = ['<nixpkgs>', '--no-out-link', ...['python3', 'git'].flatMap((name) => ['--attr', name])];
  const { stdout: built } = await execa('nix-build', words, { env: { ...env } });
  const { stdout } = await execa('nix-store', ['--query', '--requisites', ...built.split('\n')]);
  return await regularFiles(stdout.split('\n'));
}
