import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { startBadClients } from './badClients.ts';
import type { RunningPeer } from './servers.ts';
import type { Tools } from './tools.ts';
import { residentBytes } from './usage.ts';
import { accepted, load } from './wrk.ts';

const perSecond = 300;

/**
 * Milliseconds that 99 of 100 manifest requests take, while `path` is downloaded over eight connections. The requests come
 * at a fixed rate, and each counts from when it was due.
 */
export async function latencyBeside(
  tools: Tools,
  { url }: RunningPeer,
  {
    download,
    manifest,
    seconds,
  }: { readonly download: string; readonly manifest: string; readonly seconds: number },
): Promise<number> {
  const dispatcher = new Agent({ connections: 32 });
  const downloads = load(tools, url + download, { connections: 8, seconds: seconds + 1 });
  await delay(500);
  const begin = performance.now();
  const durations = await Promise.all(
    Array.from({ length: perSecond * seconds }, async (_, index) => {
      const due = begin + (index * 1000) / perSecond;
      await delay(Math.max(0, due - performance.now()));
      const { body } = await request(url + manifest, { dispatcher, headers: { accept: accepted } });
      await body.arrayBuffer();
      return performance.now() - due;
    }),
  );
  await downloads;
  await dispatcher.close();
  durations.sort((one, other) => one - other);
  return durations[Math.floor(0.99 * (durations.length - 1))] ?? Number.NaN;
}

/** Resident bytes of a server in all, while so many connections are open that asked once and now say nothing. */
export async function residentWithIdle({ url, pids }: RunningPeer, connections: number): Promise<number> {
  const clients = await startBadClients(url, '', { idle: connections, unfinished: 0, slow: 0 });
  try {
    return (await residentBytes(pids)).reduce((sum, one) => sum + one, 0);
  } finally {
    clients.close();
  }
}
