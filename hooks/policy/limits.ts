import { quantity } from '../../runtime/quantity.ts';
import { type PodOptions } from '../children/podOptions.ts';

/** The most that a manifest may ask for; what is absent has no limit. */
export type Limits = Pick<PodOptions, 'cpu' | 'memory' | 'storage' | 'timeout' | 'attempts'>;

export const limitNames = ['cpu', 'memory', 'storage', 'timeout', 'attempts'] as const;

/** Why a manifest asks for more than it may, in a sentence with the limit's name; undefined where it does not. */
export function excessOf(pod: PodOptions, limits: Limits): string | undefined {
  for (const name of limitNames) {
    const [asked, most] = [pod[name], limits[name]];
    if (asked === undefined || most === undefined) continue;
    if ((quantity(asked) ?? Number.POSITIVE_INFINITY) > (quantity(most) ?? 0))
      return `data.pod.${name} is ${asked}, and the limit ${name} of this cluster's policy is ${most}; ask for less, or ask the operator to raise it`;
  }
  return undefined;
}
