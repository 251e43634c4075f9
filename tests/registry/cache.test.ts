import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createBufferPool } from '../../registry/serve/bufferPool.ts';
import { createByteCache } from '../../registry/serve/byteCache.ts';

describe('the cache of bytes', () => {
  test('drops what was used longest ago', () => {
    const cache = createByteCache<string>(3 * 1024);
    for (const key of ['a', 'b', 'c', 'd']) cache.set(key, key, 200);
    cache.get('a');
    cache.set('e', 'e', 200);
    assert.deepEqual(
      ['a', 'b', 'c', 'd', 'e'].map((key) => cache.get(key)),
      ['a', undefined, 'c', 'd', 'e'],
    );
  });

  test('never holds more than its limit, whatever is put in', () => {
    const steps = fc.array(fc.tuple(fc.nat(20), fc.nat(5000), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (list) => {
        const cache = createByteCache<number>(10_000);
        for (const [key, bytes, remove] of list) {
          if (remove) cache.delete(String(key));
          else cache.set(String(key), bytes, bytes);
          assert.ok(cache.bytes >= 0 && cache.bytes <= 10_000);
          const kept = cache.get(String(key));
          assert.ok(kept === undefined || (!remove && kept === bytes));
        }
      }),
    );
  });
});

test('the pool lends large buffers to a few, small ones beyond, and each to one at a time', () => {
  const pool = createBufferPool();
  const lent = Array.from({ length: 6 }, () => pool.take());
  assert.deepEqual(
    lent.map((buffer) => buffer.length),
    [1_048_576, 1_048_576, 1_048_576, 1_048_576, 262_144, 262_144],
  );
  assert.equal(new Set(lent).size, 6);
  const [given, forgotten] = lent;
  assert.ok(given !== undefined && forgotten !== undefined);
  pool.give(given);
  pool.forget(forgotten);
  assert.equal(pool.take(), given);
  const next = pool.take();
  assert.equal(next.length, 1_048_576);
  assert.notEqual(next, forgotten);
});
