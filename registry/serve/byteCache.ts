/** Keeps the contents used last, up to a number of bytes in all. */
export interface ByteCache<Value> {
  get(key: string): Value | undefined;
  /** Keeps `value`, which counts as `bytes`; one that is larger than the whole cache is not kept. */
  set(key: string, value: Value, bytes: number): void;
  delete(key: string): void;
  /** Bytes kept now. */
  readonly bytes: number;
}

/** What an entry costs beside its content: the key, the map's slot, the objects around it. */
const overhead = 512;

export function createByteCache<Value>(limit: number): ByteCache<Value> {
  // A Map keeps the order of insertion: the first key is the one used longest ago.
  const entries = new Map<string, { readonly value: Value; readonly bytes: number }>();
  let total = 0;
  const drop = (key: string): void => {
    total -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, contentBytes) {
      const bytes = contentBytes + overhead;
      drop(key);
      if (bytes > limit) return;
      entries.set(key, { value, bytes });
      total += bytes;
      for (const oldest of entries.keys()) {
        if (total <= limit) break;
        drop(oldest);
      }
    },
    delete: drop,
    get bytes() {
      return total;
    },
  };
}
