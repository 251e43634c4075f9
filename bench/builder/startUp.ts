import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Row, row } from '../row.ts';
import { builderCommand, type Store } from './ours.ts';

const rounds = 15;

/** From the builder's exec to Nix starting: a nix-build that only says when it was called stands first on the PATH. */
export async function benchStartUp(folder: string, store: Store): Promise<Row> {
  const bin = join(folder, 'bin');
  const called = join(folder, 'called');
  await mkdir(bin);
  await writeFile(join(bin, 'nix-build'), `#!/bin/sh\ndate +%s%N > ${called}\nexit 1\n`);
  await chmod(join(bin, 'nix-build'), 0o755);
  const durations: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { program, words, env } = await builderCommand(store, '{ }', folder);
    const begin = Date.now();
    await execa(program, words, {
      env: { ...env, PATH: `${bin}:${process.env['PATH']}` },
      reject: false,
    });
    durations.push(Number(await readFile(called, 'utf8')) / 1e6 - begin);
  }

  const least = Math.min(...durations);
  return row('start-up, from exec to Nix starting', 'ms', least, { below: 150 });
}
