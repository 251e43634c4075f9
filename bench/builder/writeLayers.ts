import { readFileSync } from 'node:fs';
import type { LayerSource } from '../../builder/imageStore.ts';
import { openStore } from '../../builder/openStore.ts';
import { writeLayers } from '../../builder/writeLayers.ts';
import { defaultCompression } from '../../oci/layer/compression.ts';

/**
 * Writes layers into a store as the builder does, in a process of its own, and prints what it took: the JSON of
 * `{wall, cpu, memory}`, seconds and the most bytes that the process held.
 */
interface Order {
  /** The namespace's tree. */
  readonly store: string;
  readonly storeDir: string;
  /** Store paths by layer. */
  readonly layers: readonly (readonly string[])[];
}

const order: Order = JSON.parse(process.argv[2] ?? '{}');
const begin = performance.now();
const before = process.cpuUsage();
const store = await openStore(order.store, `bench-${process.pid}`);
const style = { mtime: 1, uid: 0, gid: 0, uname: 'root', gname: 'root' };
const sources = order.layers.map((paths, index): LayerSource => {
  const key = `${process.pid}-${index}`;
  return { kind: 'StorePaths', key, storeDir: order.storeDir, paths, style };
});
await writeLayers(store, sources, { compression: defaultCompression, signal: new AbortController().signal });
await store.close();
const { user, system } = process.cpuUsage(before);
const wall = (performance.now() - begin) / 1000;
// Not getrusage's: that one begins with what the parent held when it forked.
const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
const memory = Number(kilobytes) * 1024;
process.stdout.write(JSON.stringify({ wall, cpu: (user + system) / 1e6, memory }));
