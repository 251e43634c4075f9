import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCertificate } from '../tests/support/certificate.ts';
import type { BenchOptions } from './main.ts';
import { badClientRows } from './registry/besideBad.ts';
import { coldRows } from './registry/cold.ts';
import { type Content, digestOf, fillFolder, fillPeer, fillStore, makeContent } from './registry/content.ts';
import { pullRows } from './registry/pulls.ts';
import { app, blobRows, casesOf, manifestRows, mebibyte } from './registry/rows.ts';
import { measure } from './registry/series.ts';
import {
  type RunningPeer,
  type Servers,
  startAccelerated,
  startNginx,
  startOurs,
  startPeer,
} from './registry/servers.ts';
import { ensureTools, type Tools } from './registry/tools.ts';
import { latencyBeside, residentWithIdle } from './registry/underLoad.ts';
import { residentBytes } from './registry/usage.ts';
import { type Row, ratioRow, row } from './row.ts';

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
      ...(await loadRows(tools, servers, content, rounds)),
      ...(await badClientRows(tools, servers.one, content, rounds)),
      ...(await coldRows(servers, content, places(folder), rounds)),
      ...(await pullRows(servers, join(places(folder).store, 'bench'), folder, rounds)),
    ];
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
    await rm(folder, { recursive: true, force: true });
  }
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
  const { store, root, files } = places(folder);
  await fillStore(store, content);
  await fillFolder(files, content);
  const tls = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  await writeCertificate(tls, '127.0.0.1');
  const docker = await kept(startPeer('docker-registry', tools.dockerRegistry, root, false));
  await fillPeer(docker.url, root, content);
  return {
    one: await kept(startOurs(store, 1)),
    accelerated: await kept(startAccelerated(tools, store, join(folder, 'accelerated'))),
    oneTls: await kept(startOurs(store, 1, { tls })),
    distributionTls: await kept(startPeer('distribution', tools.distribution, root, true, tls)),
    two: await kept(startOurs(store, 2)),
    docker: [docker, await kept(startPeer('docker-registry', tools.dockerRegistry, root, true))],
    distribution: [
      await kept(startPeer('distribution', tools.distribution, root, false)),
      await kept(startPeer('distribution', tools.distribution, root, true)),
    ],
    nginx: await kept(startNginx(tools, files)),
  };
}

function places(folder: string): Readonly<Record<'store' | 'root' | 'files', string>> {
  return { store: join(folder, 'store'), root: join(folder, 'peers'), files: join(folder, 'files') };
}

async function loadRows(
  tools: Tools,
  { one, two, distribution }: Servers,
  { blobs }: Content,
  rounds: number,
): Promise<readonly Row[]> {
  const large = blobs.get('256 MiB') ?? Buffer.alloc(0);
  const beside = { download: `${app}/blobs/${digestOf(large)}`, manifest: `${app}/manifests/v1`, seconds: 5 };
  const latencies = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    latencies.ours.push(await latencyBeside(tools, one, beside));
    for (const peer of distribution) latencies.theirs.push(await latencyBeside(tools, peer, beside));
  }
  const [ours, theirs] = [Math.min(...latencies.ours), Math.min(...latencies.theirs)];
  const resident = Math.max(...(await residentBytes([...one.pids, ...two.pids]))) / mebibyte;
  const idle = (await residentWithIdle(one, 10_000)) / mebibyte;
  return [
    ratioRow('p99 of a manifest beside eight downloads, against distribution', 'ms', ours, theirs, 0.5),
    row('p99 of a manifest beside eight downloads', 'ms', ours, { below: 12 }),
    row('memory of the largest process, after all this', 'MiB', resident, { below: 150 }),
    row('memory with 10,000 idle connections, after all this', 'MiB', idle, { below: 120 }),
  ];
}
