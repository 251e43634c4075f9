import { setTimeout as delay } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';

export interface Load {
  /** Requests that were answered. */
  readonly count: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Sends requests for a time, a fixed number of them under way, as Metacontroller's workers do: each waits for its answer
 * before it sends the next.
 * @param next the body of the next request.
 * @param pace how many requests are due in a second; each is timed from when it was due. Without it, as many as go.
 */
export async function load(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  next: () => string,
  { workers, seconds, pace }: { readonly workers: number; readonly seconds: number; readonly pace?: number },
): Promise<Load> {
  const pool = new Pool(url, { connections: workers, pipelining: 1 });
  const durations: number[] = [];
  const begin = performance.now();
  let turn = 0;
  const end = begin + seconds * 1000;
  const work = async (): Promise<void> => {
    while (performance.now() < end) {
      const due = pace === undefined ? performance.now() : begin + (1000 * turn) / pace;
      turn += 1;
      if (due > performance.now()) await delay(due - performance.now());
      const request: Dispatcher.RequestOptions = { method: 'POST', path, headers, body: next() };
      const { statusCode, body } = await pool.request(request);
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`the hook answered ${statusCode}: ${text}`);
      durations.push(performance.now() - due);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  const took = (performance.now() - begin) / 1000;
  await pool.close();
  durations.sort((one, other) => one - other);
  const at = (part: number): number => durations[Math.floor(part * (durations.length - 1))] ?? Number.NaN;
  return { count: durations.length, perSecond: durations.length / took, p50: at(0.5), p99: at(0.99) };
}
