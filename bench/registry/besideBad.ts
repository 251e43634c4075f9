import { type Row, timesRow } from '../row.ts';
import { type BadCounts, startBadClients } from './badClients.ts';
import { type Content, digestOf } from './content.ts';
import { app, mebibyte } from './rows.ts';
import type { RunningPeer } from './servers.ts';
import type { Tools } from './tools.ts';
import { atRest } from './usage.ts';
import { load } from './wrk.ts';

interface Kind {
  readonly name: string;
  readonly counts: BadCounts;
}

const none: BadCounts = { idle: 0, unfinished: 0, slow: 0 };
const kinds: readonly Kind[] = [
  { name: '10,000 that idle', counts: { ...none, idle: 10_000 } },
  { name: '200 unfinished requests', counts: { ...none, unfinished: 200 } },
  { name: '100 that read a byte a second', counts: { ...none, slow: 100 } },
  { name: 'all of these', counts: { idle: 10_000, unfinished: 200, slow: 100 } },
];
/** Alone first, each kind in turn, and again. */
const all: readonly Kind[] = [{ name: 'nobody', counts: none }, ...kinds];

/**
 * What others get while there are clients that hold connections and ask for next to nothing, against without them. They
 * are counted from when all have come: each that reads slowly is first sent what the kernel holds for it, some megabytes.
 */
export async function badClientRows(
  tools: Tools,
  { url, pids }: RunningPeer,
  { blobs }: Content,
  rounds: number,
): Promise<readonly Row[]> {
  const [large, middle] = ['256 MiB', '1 MiB'].map((name) => digestOf(blobs.get(name) ?? Buffer.alloc(0)));
  const cases = [
    { name: 'manifest by tag', unit: 'req/s', path: `${app}/manifests/v1` },
    { name: 'blob of 1 MiB', unit: 'MiB/s', path: `${app}/blobs/${middle}` },
  ] as const;
  /** By case and kind: the best of all rounds. */
  const best = new Map<string, number>();
  for (let round = 0; round < 2 * rounds; round += 1)
    for (const kind of all) {
      const bad = await startBadClients(url, `${app}/blobs/${large}`, kind.counts);
      try {
        await atRest(pids);
        for (const { name, unit, path } of cases) {
          const { requestsPerSecond, bytesPerSecond } = await load(tools, url + path, {
            connections: 8,
            seconds: 2,
          });
          const value = unit === 'req/s' ? requestsPerSecond : bytesPerSecond / mebibyte;
          const key = `${name} ${kind.name}`;
          best.set(key, Math.max(best.get(key) ?? 0, value));
        }
        const wanted = Object.values(kind.counts).reduce((sum, count) => sum + count, 0);
        if (bad.held() < 0.9 * wanted)
          throw new Error(`${kind.name}: only ${bad.held()} of ${wanted} connections were held`);
      } finally {
        bad.close();
      }
    }
  return kinds.flatMap((kind) =>
    cases.map(({ name, unit }) =>
      timesRow(
        `${name}, 8, beside ${kind.name}, against without`,
        unit,
        best.get(`${name} ${kind.name}`) ?? Number.NaN,
        best.get(`${name} nobody`) ?? Number.NaN,
        0.9,
      ),
    ),
  );
}
