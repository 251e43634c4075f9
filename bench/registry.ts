import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchOptions } from './main.ts';
import {
  type Content,
  digestOf,
  fillFolder,
  fillPeer,
  fillStore,
  makeContent,
  tagCount,
} from './registry/content.ts';
import { type Case, measure, type Series } from './registry/series.ts';
import { type RunningPeer, startNginx, startOurs, startPeer } from './registry/servers.ts';
import { ensureTools, type Tools } from './registry/tools.ts';
import { latencyBeside, residentWithIdle } from './registry/underLoad.ts';
import { residentBytes } from './registry/usage.ts';
import { type Row, ratioRow, row, timesRow } from './row.ts';

const mebibyte = 1_048_576;
const app = '/v2/bench/app';

/**
 * The registry against Debian's docker-registry, distribution v3 (each with and without its cache in memory; the better
 * one counts) and nginx, all with the same content, over loopback. All servers are up; one is loaded at a time, in turn.
 */
export async function benchRegistry({ rounds = 3 }: BenchOptions): Promise<readonly Row[]> {
  const tools = await ensureTools();
  const folder = await mkdtemp(join(tmpdir(), 'niximage-bench-'));
  const peers: RunningPeer[] = [];
  try {
    const content = makeContent();
    const servers = await startAll(tools, folder, content, (peer) => peers.push(peer));
    const series = await measure(tools, servers, casesOf(content), rounds);
    return [
      ...blobRows(series, content),
      ...manifestRows(series),
      ...(await loadRows(tools, servers, content)),
    ];
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

export interface Servers {
  readonly one: RunningPeer;
  readonly two: RunningPeer;
  readonly docker: readonly RunningPeer[];
  readonly distribution: readonly RunningPeer[];
  readonly nginx: RunningPeer;
}

async function startAll(
  tools: Tools,
  folder: string,
  content: Content,
  keep: (peer: RunningPeer) => void,
): Promise<Servers> {
  const kept = async (starting: Promise<RunningPeer>): Promise<RunningPeer> => {
    const peer = await starting;
    keep(peer);
    return peer;
  };
  const [store, root, files] = ['store', 'peers', 'files'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await fillStore(store, content);
  await fillFolder(files, content);
  const docker = await kept(startPeer('docker-registry', tools.dockerRegistry, root, false));
  await fillPeer(docker.url, root, content);
  return {
    one: await kept(startOurs(store, 1)),
    two: await kept(startOurs(store, 2)),
    docker: [docker, await kept(startPeer('docker-registry', tools.dockerRegistry, root, true))],
    distribution: [
      await kept(startPeer('distribution', tools.distribution, root, false)),
      await kept(startPeer('distribution', tools.distribution, root, true)),
    ],
    nginx: await kept(startNginx(tools, files)),
  };
}

const levels = [1, 8, 64] as const;

function casesOf({ blobs, digest }: Content): readonly Case[] {
  return levels.flatMap((connections) => [
    ...[...blobs].map(([name, bytes]) => ({
      name: `blob ${name}, ${connections}`,
      path: `${app}/blobs/${digestOf(bytes)}`,
      connections,
    })),
    { name: `tag, ${connections}`, path: `${app}/manifests/v1`, connections },
    { name: `HEAD tag, ${connections}`, path: `${app}/manifests/v1`, connections, isHead: true },
    { name: `digest, ${connections}`, path: `${app}/manifests/${digest}`, connections },
    ...(connections === 8
      ? [{ name: 'tags', path: '/v2/bench/many/tags/list', connections, withoutNginx: true }]
      : []),
  ]);
}

function blobRows(series: Series, { blobs }: Content): readonly Row[] {
  const least: Readonly<Record<string, readonly [number, number, number]>> = {
    '1 KiB': [8, 8, 8],
    '1 MiB': [3, 3, 3],
    '256 MiB': [1, 1.2, 1.2],
  };
  const rows = [...blobs.keys()].flatMap((size) =>
    levels.flatMap((connections, index) => {
      const name = `blob ${size}, ${connections}`;
      const text = `${size}, ${connections} ${connections === 1 ? 'connection' : 'connections'}`;
      const ours = series.bytesPerSecond('one', name) / mebibyte;
      return [
        timesRow(
          `blob of ${text}, against the better registry`,
          'MiB/s',
          ours,
          series.bestRegistry('bytesPerSecond', name) / mebibyte,
          least[size]?.[index],
        ),
        timesRow(
          `blob of ${text}, 2 processes`,
          'MiB/s',
          series.bytesPerSecond('two', name) / mebibyte,
          series.bestRegistry('bytesPerSecond', name) / mebibyte,
        ),
        timesRow(
          `blob of ${text}, against nginx`,
          'MiB/s',
          ours,
          series.bytesPerSecond('nginx', name) / mebibyte,
        ),
      ];
    }),
  );
  return [
    ...rows,
    ...levels.map((connections) => {
      const name = `blob 256 MiB, ${connections}`;
      return ratioRow(
        `CPU for a blob of 256 MiB, ${connections}, against docker-registry`,
        's/GB',
        series.cpuPerGigabyte('one', name),
        series.cpuPerGigabyte('docker', name),
        1,
      );
    }),
  ];
}

function manifestRows(series: Series): readonly Row[] {
  const least = [4, 5, 5] as const;
  const rows = levels.flatMap((connections, index) =>
    (['tag', 'HEAD tag', 'digest'] as const).flatMap((kind) => {
      const name = `${kind}, ${connections}`;
      const ours = series.requestsPerSecond('one', name);
      return [
        timesRow(
          `manifest by ${kind}, ${connections}, against distribution`,
          'req/s',
          ours,
          series.requestsPerSecond('distribution', name),
          least[index],
        ),
        timesRow(
          `manifest by ${kind}, ${connections}, against docker-registry`,
          'req/s',
          ours,
          series.requestsPerSecond('docker', name),
          10,
        ),
      ];
    }),
  );
  const name = 'tag, 64';
  return [
    ...rows,
    timesRow(
      'manifest by tag, 64, 2 processes, against distribution',
      'req/s',
      series.requestsPerSecond('two', name),
      series.requestsPerSecond('distribution', name),
      8,
    ),
    timesRow(
      `tags/list of ${tagCount} tags, 8, against the better registry`,
      'req/s',
      series.requestsPerSecond('one', 'tags'),
      series.bestRegistry('requestsPerSecond', 'tags'),
      100,
    ),
  ];
}

async function loadRows(
  tools: Tools,
  { one, two, distribution }: Servers,
  { blobs }: Content,
): Promise<readonly Row[]> {
  const large = blobs.get('256 MiB') ?? Buffer.alloc(0);
  const beside = { download: `${app}/blobs/${digestOf(large)}`, manifest: `${app}/manifests/v1`, seconds: 5 };
  const ours = await latencyBeside(tools, one, beside);
  const theirs = Math.min(...(await inTurn(distribution, (peer) => latencyBeside(tools, peer, beside))));
  const resident = Math.max(...(await residentBytes(one.pid)), ...(await residentBytes(two.pid))) / mebibyte;
  const idle = (await residentWithIdle(one, 10_000)) / mebibyte;
  return [
    ratioRow('p99 of a manifest beside eight downloads, against distribution', 'ms', ours, theirs, 0.5),
    row('p99 of a manifest beside eight downloads', 'ms', ours, { below: 12 }),
    row('memory of the largest process, after all this', 'MiB', resident, { below: 150 }),
    row('memory with 10,000 idle connections, after all this', 'MiB', idle, { below: 120 }),
  ];
}

async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
