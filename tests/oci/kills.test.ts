import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Follower } from '../builder/support/follower.ts';
import { storeBench } from './support/tree.ts';

const program = fileURLToPath(new URL('./support/writer.ts', import.meta.url));
const kills = 40;
/** Writers at once, on one tree. */
const together = 4;
/** More than a writer manages before it is killed. */
const many = 1000;

test(`${kills} writers killed at random moments: no reader sees half an image, and the next one writes it whole`, async (t) => {
  const { path, tree } = await storeBench(t);
  const follower = new Follower(path, 'tool', 'v1');
  const lives = Array.from({ length: kills }).keys();
  const liveAndDie = async (): Promise<void> => {
    for (const life of lives) {
      const child = await start([path, `pod-${life}`, String(1 + life * many), String(many)]);
      const ended = once(child, 'exit');
      await delay(Math.random() * 60);
      child.kill('SIGKILL');
      assert.deepEqual(await ended, [null, 'SIGKILL']);
    }
  };
  await Promise.all(Array.from({ length: together }, liveAndDie));
  const last = await start([path, 'pod-last', String(1 + kills * many), '7']);
  assert.deepEqual(await once(last, 'exit'), [0, null]);
  await follower.stop();
  const publications = await tree.reader.publications('tool', 'v1');
  assert.equal(publications[0]?.ordinal, kills * many + 7);
  assert.equal(publications.length, 3, 'older ones are gone');
  for (const publication of publications) assert.ok(await tree.reader.isComplete('tool', publication));
  const leases = await readdir(join(path, 'leases'));
  assert.ok(leases.length > 0 && !leases.includes('pod-last'), 'the killed ones keep their leases for a day');
});

/** A writer that is about to write. */
async function start(words: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}
