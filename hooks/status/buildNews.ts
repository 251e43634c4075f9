import type { BuildNews } from '../../runtime/contract/keeper.ts';
import { field } from './field.ts';

interface Told {
  readonly state: BuildNews['state'];
  readonly message?: string;
}

/**
 * What the registry is to say of an image that is not served yet; undefined where it was said before, or the image is
 * served.
 * @param before the status in the request.
 * @param now the status in the answer.
 */
export function buildNews(before: unknown, now: unknown): Told | undefined {
  const [told, news] = [toldIn(before), toldIn(now)];
  const isSaid =
    told?.state === news?.state &&
    told?.message === news?.message &&
    field(before, 'observedGeneration') === field(now, 'observedGeneration');
  return isSaid ? undefined : news;
}

const states: Readonly<Record<string, BuildNews['state']>> = {
  BuildPending: 'Queued',
  Building: 'Building',
  Failed: 'Failed',
};

function toldIn(status: unknown): Told | undefined {
  const state = states[String(field(status, 'state'))];
  const message = field(field(status, 'failure'), 'message');
  if (state === undefined) return undefined;
  return typeof message === 'string' ? { state, message } : { state };
}
