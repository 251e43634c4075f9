import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createStampedCache } from '../../registry/serve/stampedCache.ts';

/** A folder whose entry is `value`; each change gives it a new stamp. */
function folder(): {
  set(value: string | undefined, changed: number): void;
  readonly stamp: () => Promise<{ id: string; changed: number } | undefined>;
  readonly read: () => Promise<string | undefined>;
  readonly reads: () => number;
} {
  let [value, changed, reads]: [string | undefined, number, number] = ['one', 0, 0];
  return {
    set(next, at) {
      [value, changed] = [next, at];
    },
    stamp: async () => (value === undefined ? undefined : { id: String(changed), changed }),
    read: async () => {
      reads += 1;
      return value;
    },
    reads: () => reads,
  };
}

describe('what is read of a folder', () => {
  test('is kept while the folder stays, and read again when it changed', async () => {
    let time = 1000;
    const cache = createStampedCache<string>(
      10_000,
      () => 1,
      () => time,
    );
    const { set, stamp, read, reads } = folder();
    const get = (): Promise<string | undefined> => cache.get('key', stamp, read);
    assert.equal(cache.peek('key'), undefined);
    assert.equal(await get(), 'one');
    assert.equal(cache.peek('key'), 'one');
    time += 1000;
    assert.equal(cache.peek('key'), undefined, 'not without a look at the folder');
    assert.equal(await get(), 'one');
    assert.equal(reads(), 1);
    set('two', time - 500);
    time += 1000;
    assert.equal(await get(), 'two');
    set(undefined, 0);
    time += 1000;
    assert.equal(await get(), undefined);
    assert.equal(cache.peek('key'), undefined);
  });

  test('is not kept where the folder changed just now, and may again in the same moment', async () => {
    const cache = createStampedCache<string>(
      10_000,
      () => 1,
      () => 1000,
    );
    const { set, stamp, read, reads } = folder();
    set('one', 990);
    for (const _turn of [1, 2]) assert.equal(await cache.get('key', stamp, read), 'one');
    assert.equal(reads(), 2);
  });

  test('is not kept where it is not to be', async () => {
    const cache = createStampedCache<string>(
      10_000,
      () => undefined,
      () => 1000,
    );
    const { stamp, read, reads } = folder();
    for (const _turn of [1, 2]) assert.equal(await cache.get('key', stamp, read), 'one');
    assert.equal(reads(), 2);
  });

  test('serves the others while one looks, and nobody after it saw a change', async () => {
    let time = 1000;
    const cache = createStampedCache<string>(
      10_000,
      () => 1,
      () => time,
    );
    const { set, stamp, read } = folder();
    await cache.get('key', stamp, read);
    set('two', time);
    time += 1000;
    const { promise: looked, resolve: look } = Promise.withResolvers<void>();
    const first = cache.get('key', async () => looked.then(stamp), read);
    assert.equal(cache.peek('key'), 'one');
    look();
    assert.equal(await first, 'two');
    assert.equal(cache.peek('key'), 'two');
  });
});
