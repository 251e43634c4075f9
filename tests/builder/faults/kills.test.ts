import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Follower } from '../support/follower.ts';
import { assertBuilt, makeTree, publishedDigests, storedImage } from '../support/image.ts';
import { type PodBench, podBench } from '../support/pod.ts';

/** `npm run test:kills` sets it to 300. */
const kills = Number(process.env['NIXIMAGE_TEST_KILLS'] ?? 30);
/** Attempts on one store before one is left to end. */
const attempts = 5;

const contents = `curl bash large ${Array.from({ length: 8 }, (_, index) => `many.p${index}`).join(' ')}`;

test(`${kills} builders killed at random moments: no reader sees half an image, and the next build is whole`, async (t) => {
  const bench = await podBench(t, contents);
  const took = await undisturbed(bench);
  const lives = Array.from({ length: Math.ceil(kills / attempts) }).keys();
  let rounds = 0;
  // Two stores at a time: the moments depend on how busy the machine is, too.
  const live = async (): Promise<void> => {
    for (const life of lives) rounds += await liveAndDie(t, bench, `life-${life}`, took);
  };
  await Promise.all([live(), live()]);
  assert.ok(rounds > kills, `the reader read ${rounds} times only`);
});

/** How long a build takes in milliseconds, all that Nix makes being there. */
async function undisturbed(bench: PodBench): Promise<number> {
  const { store } = bench;
  await end(bench, bench.words(1));
  const begin = performance.now();
  const second = join(bench.folder, 'second');
  await makeTree(second);
  await end(bench, bench.words(1, { store: second }));
  assert.equal((await publishedDigests(store)).length, 1);
  return performance.now() - begin;
}

async function end(bench: PodBench, words: readonly string[]): Promise<void> {
  const child = bench.start(words);
  child.stdout?.resume();
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, JSON.stringify(await bench.report()));
}

/** A store of its own: builders that are killed, then one that is not. Returns how often the reader read it all. */
async function liveAndDie(t: TestContext, bench: PodBench, life: string, took: number): Promise<number> {
  const store = join(bench.folder, life);
  const terminationLog = join(bench.folder, `${life}.json`);
  await makeTree(store);
  const follower = new Follower(store, 'curl-and-jq', 'v1');
  const moments: number[] = [];
  try {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const moment = Math.random() * took;
      moments.push(Math.round(moment));
      const child = bench.start(bench.words(attempt, { store, terminationLog }));
      child.stdout?.resume();
      const ended = once(child, 'exit');
      await delay(moment);
      child.kill('SIGKILL');
      await ended;
    }
    await end(bench, bench.words(attempts + 1, { store, terminationLog }));
  } finally {
    t.diagnostic(`${life}: killed after ${moments.join(', ')} ms`);
    await follower.stop();
  }
  const digests = await publishedDigests(store);
  const report = JSON.parse(await readFile(terminationLog, 'utf8'));
  assertBuilt(report);
  await storedImage(store, report);
  assert.equal(digests.at(-1), report.digest);
  return follower.rounds;
}
