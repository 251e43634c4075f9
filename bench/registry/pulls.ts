import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { ensurePackages } from '../../scripts/packages.mjs';
import { ensureCrane } from '../../scripts/setup/crane.mjs';
import { startContainerd } from '../../tests/support/containerd.ts';
import { builderCommand } from '../builder/ours.ts';
import { timed } from '../builder/timed.ts';
import { type Row, ratioRow, timesRow } from '../row.ts';
import { delayed } from './delayed.ts';
import type { RunningPeer, Servers } from './servers.ts';

const bin = new URL('../../.cache/bin/', import.meta.url).pathname;
const image = 'bench/bench:v1';
/** Those of the offline set that hold programs: no image of it is larger. */
const contents = 'bash busybox cacert coreutils curl git gnugrep gnused hello jq nginx python3';

const expression = `{ pkgs ? import <nixpkgs> { } }:
pkgs.dockerTools.buildLayeredImage {
  name = "bench";
  tag = "v1";
  contents = with pkgs; [ ${contents} ];
}
`;

/** Where a registry is reached. */
type Place = Pick<RunningPeer, 'url'>;

/** Milliseconds that everything takes longer on its way, in each direction, of the pulls from afar. */
const delay = 1;

/** Whole pulls of the offline set's largest image by containerd, unpacked, and by crane, each into an empty place. */
export async function pullRows(
  { one, docker }: Servers,
  tree: string,
  folder: string,
  rounds: number,
): Promise<readonly Row[]> {
  const theirs = docker[1] ?? docker[0];
  if (theirs === undefined) throw new Error('no docker-registry runs');
  const say = (line: string): void => console.error(line);
  await ensureCrane(bin, say);
  await build(tree, folder, await ensurePackages({ say }));
  const crane = join(bin, 'crane');
  await execa(crane, ['copy', '--insecure', reference(one), reference(theirs)]);
  const ends: (() => Promise<void>)[] = [];
  const containerd = await startContainerd({ after: (end) => void ends.push(end) });
  const pulls = {
    containerd: async (from: Place) => {
      const begin = performance.now();
      await containerd.ctr('images', 'pull', '--plain-http', reference(from));
      const took = performance.now() - begin;
      await containerd.ctr('images', 'rm', '--sync', reference(from));
      return took;
    },
    crane: async (from: Place) => {
      const place = await mkdtemp(join(folder, 'pull-'));
      const begin = performance.now();
      await execa(crane, ['pull', '--insecure', '--format=oci', reference(from), place]);
      const took = performance.now() - begin;
      await rm(place, { recursive: true });
      return took;
    },
  };
  const rows: Row[] = [];
  const distant = { ours: await delayed(one.url, delay), theirs: await delayed(theirs.url, delay) };
  const cases = [
    { where: '', ours: one, theirs, most: 1 },
    { where: `, ${delay} ms away`, ...distant, most: undefined },
  ] as const;
  try {
    for (const { where, most, ...from } of cases)
      for (const client of ['containerd', 'crane'] as const) {
        const times = { ours: [] as number[], theirs: [] as number[] };
        for (let round = 0; round < 2 * rounds; round += 1) {
          times.ours.push(await pulls[client](from.ours));
          times.theirs.push(await pulls[client](from.theirs));
        }
        const name = `whole pull by ${client}${where}, against docker-registry`;
        rows.push(timeRow(name, Math.min(...times.ours) / 1000, Math.min(...times.theirs) / 1000, most));
      }
  } finally {
    for (const each of Object.values(distant)) each.close();
    for (const end of ends.reverse()) await end();
  }
  return rows;
}

/** Seconds of both; `most` is the goal of the ratio, where there is one. */
function timeRow(name: string, ours: number, theirs: number, most?: number): Row {
  return most === undefined ? timesRow(name, 's', ours, theirs) : ratioRow(name, 's', ours, theirs, most);
}

function reference({ url }: Place): string {
  return `${new URL(url).host}/${image}`;
}

async function build(tree: string, folder: string, nixpkgs: string): Promise<void> {
  const place = join(folder, 'build');
  await mkdir(place);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: place,
    TMPDIR: place,
    NIX_PATH: `nixpkgs=${nixpkgs}`,
    NIX_CONFIG: 'substituters =\nsandbox = false\nbuild-users-group =',
    NIXIMAGE_MIN_FREE: '1Mi',
  };
  await timed(await builderCommand({ tree, env, builds: 0 }, expression, place), place);
}
