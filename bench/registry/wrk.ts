import { execa } from 'execa';
import type { Tools } from './tools.ts';

/** As clients say it: some registries serve no other. */
export const accepted = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json';

export interface Load {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** Asks for one path again and again over `connections`, from one thread. @throws where an answer is an error. */
export async function load(
  { wrk, environment }: Pick<Tools, 'wrk' | 'environment'>,
  url: string,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<Load> {
  const words = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout=60s', '-H', `Accept: ${accepted}`];
  const { stdout } = await execa(wrk, [...words, url], {
    env: environment,
  });
  if (/Non-2xx|connect [1-9]/.test(stdout)) throw new Error(`${url}: ${stdout}`);
  return {
    requestsPerSecond: Number(/Requests\/sec: +([\d.]+)/.exec(stdout)?.[1]),
    bytesPerSecond: bytes(/Transfer\/sec: +([\d.]+)([KMGT]?)B/.exec(stdout)),
  };
}

const units: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

function bytes(match: RegExpExecArray | null): number {
  return Number(match?.[1]) * (units[match?.[2] ?? ''] ?? 1);
}
