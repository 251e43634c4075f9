import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WorkQueue, type WorkQueueOptions } from '../../metacontroller/embedded/workQueue.ts';
import { FakeClock } from './support/fakeClock.ts';

/** A queue whose pieces of work end when the test says so. */
class Bench {
  readonly clock = new FakeClock();
  readonly started: string[] = [];
  readonly failures: string[] = [];
  readonly #open = new Map<string, PromiseWithResolvers<void>>();
  readonly queue: WorkQueue;

  constructor(options: Partial<WorkQueueOptions> = {}) {
    this.queue = new WorkQueue({
      clock: this.clock,
      work: (name) => this.#work(name),
      failed: (name) => this.failures.push(name),
      ...options,
    });
  }

  async end(name: string, how: 'well' | 'badly' = 'well'): Promise<void> {
    const work = this.#open.get(name);
    assert.ok(work, `${name} is being worked on`);
    this.#open.delete(name);
    if (how === 'well') work.resolve();
    else work.reject(new Error('it failed'));
    // Two turns: the queue awaits the work, and goes on.
    await Promise.resolve();
    await Promise.resolve();
  }

  #work(name: string): Promise<void> {
    this.started.push(name);
    const work = Promise.withResolvers<void>();
    this.#open.set(name, work);
    return work.promise;
  }
}

describe('the work queue', () => {
  test('works on one name at a time once, and once more for any number of additions meanwhile', async () => {
    const bench = new Bench();
    for (let count = 0; count < 3; count++) bench.queue.add('a');
    assert.deepEqual(bench.started, ['a']);
    await bench.end('a');
    assert.deepEqual(bench.started, ['a', 'a']);
    await bench.end('a');
    assert.deepEqual(bench.started, ['a', 'a']);
  });

  test('works on several names side by side, no more than there are workers, first come first served', async () => {
    const bench = new Bench({ workers: 2 });
    for (const name of ['c', 'b', 'a', 'd']) bench.queue.add(name);
    assert.deepEqual(bench.started, ['c', 'b']);
    await bench.end('b');
    assert.deepEqual(bench.started, ['c', 'b', 'a']);
    await bench.end('c', 'badly');
    assert.deepEqual(bench.started, ['c', 'b', 'a', 'd']);
  });

  test('failed work is done again after 5 ms, doubling up to 30 s; success makes the pause short again', async () => {
    const bench = new Bench();
    bench.queue.add('a');
    const pauses: number[] = [];
    for (let count = 0; count < 15; count++) {
      await bench.end('a', 'badly');
      const [pause = 0] = bench.clock.pending;
      pauses.push(pause);
      bench.clock.advance(pause);
    }
    assert.deepEqual(pauses.slice(0, 5), [5, 10, 20, 40, 80]);
    assert.deepEqual(pauses.slice(-3), [20_480, 30_000, 30_000]);
    assert.equal(bench.failures.length, 15);
    await bench.end('a');
    bench.queue.add('a');
    await bench.end('a', 'badly');
    assert.deepEqual(bench.clock.pending, [5]);
  });

  test('of several times for one name the earliest counts, and an addition takes none away', async () => {
    const bench = new Bench();
    for (const milliseconds of [500, 100, 300]) bench.queue.addAfter('a', milliseconds);
    assert.deepEqual(bench.clock.pending, [100]);
    bench.queue.add('a');
    await bench.end('a');
    bench.clock.advance(99);
    assert.equal(bench.started.length, 1);
    bench.clock.advance(1);
    assert.equal(bench.started.length, 2);
    assert.deepEqual(bench.clock.pending, []);
  });

  test('idle waits for what runs and what follows from it, not for what is for later', async () => {
    const bench = new Bench();
    await bench.queue.idle();
    bench.queue.addAfter('later', 1000);
    bench.queue.add('a');
    bench.queue.add('a');
    let idle = false;
    const waiting = bench.queue.idle().then(() => (idle = true));
    await bench.end('a');
    assert.equal(idle, false);
    await bench.end('a');
    await waiting;
    assert.equal(idle, true);
  });

  test('a closed queue waits for what runs, and starts nothing more', async () => {
    const bench = new Bench({ workers: 1 });
    for (const name of ['a', 'b', 'a']) bench.queue.add(name);
    bench.queue.addAfter('c', 10);
    const closed = bench.queue.close();
    await bench.end('a', 'badly');
    await closed;
    bench.queue.add('d');
    bench.queue.addAfter('e', 1);
    bench.clock.advance(60_000);
    assert.deepEqual(bench.started, ['a']);
    assert.deepEqual(bench.clock.pending, []);
  });
});
