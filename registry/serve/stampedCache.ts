import type { Stamp } from '../../oci/store/stamp.ts';
import { createByteCache } from './byteCache.ts';

/** Keeps what was read of folders for as long as each stays as it was. */
export interface StampedCache<Value> {
  /** What is kept and was compared with its folder a moment ago. */
  peek(key: string): Value | undefined;
  /**
   * What is kept, where the folder still has the stamp that it had; otherwise what `read` gives, which is kept then.
   * @param stamp asked before `read`, so that a change in between is seen the next time.
   */
  get(
    key: string,
    stamp: () => Promise<Stamp | undefined>,
    read: () => Promise<Value | undefined>,
  ): Promise<Value | undefined>;
  clear(): void;
}

interface Entry<Value> {
  readonly value: Value;
  readonly id: string;
  checked: number;
}

/** A change is seen this late at most. */
const trustMilliseconds = 20;
/** File systems count time in steps: a folder that changed just now may change again under the same stamp. */
const settleMilliseconds = 100;

/**
 * @param sizeOf bytes that a value counts as; in all, `limit` are kept. Undefined for one that is not to be kept.
 */
export function createStampedCache<Value>(
  limit: number,
  sizeOf: (value: Value) => number | undefined,
  now: () => number = Date.now,
): StampedCache<Value> {
  let entries = createByteCache<Entry<Value>>(limit);
  const peek = (key: string): Entry<Value> | undefined => {
    const entry = entries.get(key);
    return entry !== undefined && now() - entry.checked < trustMilliseconds ? entry : undefined;
  };
  return {
    peek: (key) => peek(key)?.value,
    async get(key, stamp, read) {
      const trusted = peek(key);
      if (trusted !== undefined) return trusted.value;
      const entry = entries.get(key);
      const before = now();
      // One looks; the others go on with what is kept until it knows, so that a busy volume holds nobody up.
      if (entry !== undefined) entry.checked = before;
      const seen = await stamp();
      if (entry !== undefined && entry.id === seen?.id) return entry.value;
      // It changed: nobody goes on with it from here.
      entries.delete(key);
      const value = await read();
      const bytes = value === undefined ? undefined : sizeOf(value);
      if (value !== undefined && bytes !== undefined && isSettled(seen, before))
        entries.set(key, { value, id: seen.id, checked: before }, bytes);
      return value;
    },
    clear() {
      entries = createByteCache(limit);
    },
  };
}

function isSettled(stamp: Stamp | undefined, now: number): stamp is Stamp {
  return stamp !== undefined && stamp.changed <= now - settleMilliseconds;
}
