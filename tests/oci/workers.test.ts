import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { LayerError } from '../../oci/layer/errors.ts';
import type { LayerJob } from '../../oci/layer/job.ts';
import { LayerWorkers } from '../../oci/layer/workers.ts';
import { temporaryFolder } from '../support/tmp.ts';

const none = new AbortController().signal;
const content = Buffer.from('a tar, as far as the thread knows\n');
const diffId = `sha256:${createHash('sha256').update(content).digest('hex')}`;

interface Bench {
  readonly workers: LayerWorkers;
  /** A job that is done at once. */
  quick(): Promise<LayerJob>;
  /** A job that goes on for longer than a test: 64 GiB of nothing. */
  endless(): Promise<LayerJob>;
}

async function bench(t: TestContext, most: number): Promise<Bench> {
  const folder = await temporaryFolder(t);
  const workers = new LayerWorkers(most);
  t.after(() => workers.close());
  let files = 0;
  const job = async (bytes: Buffer, size: number): Promise<LayerJob> => {
    files += 1;
    const path = join(folder, `${files}.tar`);
    const output = join(folder, `${files}.blob`);
    await writeFile(path, bytes);
    await truncate(path, size);
    await writeFile(output, '');
    return { tar: { kind: 'TarFile', path }, compression: { kind: 'zstd', level: 3 }, output };
  };
  return {
    workers,
    quick: () => job(content, content.length),
    endless: () => job(content, 64 * 2 ** 30),
  };
}

describe('threads that write layers', () => {
  test('more jobs than threads are all done', async (t) => {
    const { workers, quick } = await bench(t, 2);
    const jobs = await Promise.all(Array.from({ length: 9 }, quick));
    const layers = await Promise.all(jobs.map((job) => workers.write(job, none)));
    assert.deepEqual(new Set(layers.map((layer) => layer.diffId)), new Set([diffId]));
  });

  test('one who gives up while he waits gets his reason at once, and the thread stays with who has it', async (t) => {
    const { workers, quick, endless } = await bench(t, 1);
    const stopFirst = new AbortController();
    const first = workers.write(await endless(), stopFirst.signal);
    await setImmediate();
    const stopSecond = new AbortController();
    const second = workers.write(await quick(), stopSecond.signal);
    const third = workers.write(await quick(), none);
    stopSecond.abort(new Error('enough'));
    await assert.rejects(second, { message: 'enough' });
    stopFirst.abort(new Error('that too'));
    await assert.rejects(first, { message: 'that too' });
    assert.equal((await third).diffId, diffId, 'who still waited has his turn');
  });

  test('one who was woken and gives up at that moment wakes the next', async (t) => {
    const { workers, quick } = await bench(t, 1);
    const [one, two, three] = [await quick(), await quick(), await quick()];
    const stop = new AbortController();
    const first = workers.write(one, none).then(() => stop.abort(new Error('too late')));
    const second = workers.write(two, stop.signal);
    const third = workers.write(three, none);
    await Promise.all([first, assert.rejects(second, { message: 'too late' })]);
    assert.equal((await third).diffId, diffId);
  });

  test('a job that is stopped leaves a place for the next', async (t) => {
    const { workers, quick, endless } = await bench(t, 2);
    const stop = new AbortController();
    const stopped = [
      workers.write(await endless(), stop.signal),
      workers.write(await endless(), stop.signal),
    ];
    const waiting = [workers.write(await quick(), none), workers.write(await quick(), none)];
    stop.abort(new Error('stop'));
    await Promise.all(stopped.map((each) => assert.rejects(each, { message: 'stop' })));
    for (const layer of await Promise.all(waiting)) assert.equal(layer.diffId, diffId);
  });

  test('a thread that dies in the middle says so to who has it, and leaves a place for who waits', async (t) => {
    const threads: Worker[] = [];
    const onThread = (thread: Worker): void => void threads.push(thread);
    process.on('worker', onThread);
    t.after(() => process.off('worker', onThread));
    const { workers, quick, endless } = await bench(t, 1);
    const failing = workers.write(await endless(), none);
    const waiting = workers.write(await quick(), none);
    const [thread] = threads;
    assert.ok(thread !== undefined && threads.length === 1);
    await once(thread, 'online');
    await Promise.all([
      assert.rejects(failing, (error) => error instanceof LayerError && error.code === 'WRITE_FAILED'),
      thread.terminate(),
    ]);
    assert.equal((await waiting).diffId, diffId);
    assert.equal(threads.length, 2, 'another one took its place');
  });

  test('before it began: nothing is written', async (t) => {
    const { workers, quick } = await bench(t, 1);
    await assert.rejects(workers.write(await quick(), AbortSignal.abort(new Error('no'))), { message: 'no' });
  });

  test('a job that fails says why, and its thread goes on', async (t) => {
    const { workers, quick } = await bench(t, 1);
    const job = await quick();
    await assert.rejects(workers.write({ ...job, output: `${job.output}.not-there` }, none), (error) => {
      assert.ok(error instanceof LayerError);
      assert.equal(error.code, 'WRITE_FAILED');
      assert.match(error.message, /ENOENT/);
      return true;
    });
    assert.equal((await workers.write(job, none)).diffId, diffId);
  });
});
