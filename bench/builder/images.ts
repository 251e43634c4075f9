import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Row, ratioRow, row } from '../row.ts';
import { byHand } from './byHand.ts';
import { builderCommand, makeStore } from './ours.ts';
import { benchName, thirtyPackages } from './thirtyPackages.ts';
import { best, timed, type Usage } from './timed.ts';

const situations = ['first image', 'one package of 30 changed', 'nothing changed'] as const;
type Situation = (typeof situations)[number];

const most: Readonly<Record<Situation, number>> = {
  'first image': 0.3,
  'one package of 30 changed': 0.1,
  'nothing changed': 0.03,
};

type Environment = Readonly<Record<string, string>>;
type Build = (expression: string) => Promise<Usage>;

/** The builder as a process, against nix-build and skopeo: a first image, one with a changed package, the same again. */
export async function benchImages(folder: string, env: Environment, rounds: number): Promise<Row[]> {
  const ours = lists();
  const theirs = lists();
  // What all images share is built before anything is timed.
  await warm(folder, env, 'first');
  for (let round = 0; round < rounds; round += 1) {
    const place = await mkdtemp(join(folder, 'round-'));
    const store = await makeStore(join(place, 'store'), env);
    await using hand = await byHand(join(place, 'by-hand'), env);
    const build: Build = async (expression) => timed(await builderCommand(store, expression, place), place);
    await measure(build, ours);
    await measure(hand.build, theirs);
    await rm(place, { recursive: true });
  }
  await forget(env);
  const rows = situations.map((situation) => {
    const [one, other] = [best(ours[situation]), best(theirs[situation])];
    return ratioRow(`${situation}, against nix-build and skopeo`, 's', one.wall, other.wall, most[situation]);
  });
  const again = best(ours['nothing changed']).wall;
  const { wall: first } = best(theirs['first image']);
  return [
    ...rows,
    ratioRow('nothing changed, against a first image by hand', 's', again, first, most['nothing changed']),
    row('nothing changed', 's', again, { below: 1 }),
  ];
}

type Lists = Readonly<Record<Situation, Usage[]>>;

function lists(): Lists {
  return { 'first image': [], 'one package of 30 changed': [], 'nothing changed': [] };
}

async function measure(build: Build, into: Lists): Promise<void> {
  const first = { image: randomUUID(), changed: 'first' };
  const changed = { ...first, changed: randomUUID() };
  into['first image'].push(await build(thirtyPackages(first)));
  into['one package of 30 changed'].push(await build(thirtyPackages(changed)));
  into['nothing changed'].push(await build(thirtyPackages(changed)));
}

async function warm(folder: string, env: Environment, changed: string): Promise<void> {
  const store = await makeStore(join(folder, 'warm'), env);
  await timed(await builderCommand(store, thirtyPackages({ image: 'warm', changed }), folder), folder);
  await rm(join(folder, 'warm'), { recursive: true });
}

/** Takes what the rounds built out of the Nix store: each is new, so that they would add up to gigabytes. */
async function forget(env: Environment): Promise<void> {
  const built = (await readdir('/nix/store')).filter((name) => name.includes(benchName));
  const paths = built.map((name) => `/nix/store/${name}`);
  await execa('nix-store', ['--delete', ...paths], { env: { ...env }, reject: false });
}
