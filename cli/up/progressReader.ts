import { request } from 'undici';
import type { Activity, Progress } from '../../runtime/contract/progress.ts';
import { field } from '../readPath.ts';

/** Asks the keeper what a builder is doing (runtime/contract/keeper.ts). */
export class ProgressReader {
  readonly #keeper: string;
  readonly #token: string;

  constructor(keeper: string, token: string) {
    this.#keeper = keeper;
    this.#token = token;
  }

  /** @returns undefined where nothing is known, also when the keeper does not answer. */
  async read(namespace: string, name: string, pod: string): Promise<Activity | undefined> {
    const path = [namespace, 'images', name, 'progress', pod].map(encodeURIComponent).join('/');
    try {
      const { statusCode, body } = await request(`${this.#keeper}/internal/v1/namespaces/${path}`, {
        headers: { authorization: `Bearer ${this.#token}` },
        headersTimeout: 1_000,
        bodyTimeout: 1_000,
      });
      const answer = await body.text();
      if (statusCode !== 200) return undefined;
      const progress: unknown = JSON.parse(answer);
      // The keeper has checked the file's shape; only a newer keeper could say something else.
      return field(progress, 'v') === 1 ? (progress as Progress).activity : undefined;
    } catch {
      // The table shows no activity for now; the next look will.
      return undefined;
    }
  }
}
