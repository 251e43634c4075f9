import { get } from './get.ts';
import { loadHeads } from './heads.ts';
import type { RunningPeer, Servers } from './servers.ts';
import type { Tools } from './tools.ts';
import { cpuSeconds } from './usage.ts';
import { type Load, load } from './wrk.ts';

export interface Case {
  readonly name: string;
  readonly path: string;
  readonly connections: number;
  readonly isHead?: boolean;
  /** What the registries that are peers are asked for instead. */
  readonly peerPath?: string;
  /** Those that are not loaded with it: nginx serves files, and has no lists. */
  readonly without?: readonly Role[];
}

export type Role = keyof Servers;
type Figure = keyof Load;

/** What was measured. Of a role with several servers the better one counts; of several rounds, the best: what else
 * runs on the machine only ever takes away. */
export interface Series {
  requestsPerSecond(role: Role, name: string): number;
  bytesPerSecond(role: Role, name: string): number;
  cpuPerGigabyte(role: Role, name: string): number;
  bestRegistry(figure: Figure, name: string): number;
}

interface Sample extends Load {
  readonly cpuPerGigabyte: number;
}

const seconds = 1;

/** Loads each server with each case, in turn, `rounds` times. */
export async function measure(
  tools: Tools,
  servers: Servers,
  cases: readonly Case[],
  rounds: number,
): Promise<Series> {
  const samples = new Map<string, Sample[]>();
  const key = ({ url }: RunningPeer, name: string): string => `${url} ${name}`;
  for (let round = 0; round < rounds; round += 1)
    for (const each of cases)
      for (const [role, peer] of peersOf(servers)) {
        if (each.without?.includes(role) === true) continue;
        const isPeer = role === 'docker' || role === 'distribution';
        const url = peer.url + ((isPeer ? each.peerPath : undefined) ?? each.path);
        // Once before it counts: what is kept in memory is kept then.
        if (round === 0) await get(url);
        const before = await cpuSeconds(peer.pids);
        const how = { connections: each.connections, seconds };
        const found = await (each.isHead === true ? loadHeads(url, how) : load(tools, url, how));
        const used = (await cpuSeconds(peer.pids)) - before;
        const sample = { ...found, cpuPerGigabyte: used / ((found.bytesPerSecond * seconds) / 1e9) };
        const all = samples.get(key(peer, each.name)) ?? [];
        samples.set(key(peer, each.name), [...all, sample]);
      }
  const figures = (role: Role, name: string, figure: keyof Sample): number[] =>
    [servers[role]]
      .flat()
      .flatMap((peer) => (samples.get(key(peer, name)) ?? []).map((each) => each[figure]));
  return {
    requestsPerSecond: (role, name) => Math.max(...figures(role, name, 'requestsPerSecond')),
    bytesPerSecond: (role, name) => Math.max(...figures(role, name, 'bytesPerSecond')),
    cpuPerGigabyte: (role, name) => Math.min(...figures(role, name, 'cpuPerGigabyte')),
    bestRegistry: (figure, name) =>
      Math.max(...figures('docker', name, figure), ...figures('distribution', name, figure)),
  };
}

function peersOf(servers: Servers): readonly (readonly [Role, RunningPeer])[] {
  const roles = [
    'one',
    'two',
    'docker',
    'distribution',
    'nginx',
    'accelerated',
    'oneTls',
    'distributionTls',
  ] as const;
  return roles.flatMap((role) => [servers[role]].flat().map((peer) => [role, peer] as const));
}
