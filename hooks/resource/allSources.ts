import type { Source } from '../../runtime/contract/sources.ts';
import { isOfFlake, parseEntry } from '../expression/entry.ts';
import type { ImageData } from './niximage.ts';

/**
 * All that is fetched for an image: what `data.sources` names, then the flakes that `data.contents` names, each once and
 * by its reference, which is no name of NIX_PATH.
 */
export function allSources({ sources = [], contents = [] }: ImageData): readonly Source[] {
  const entries = contents.filter(isOfFlake).map(parseEntry);
  const references = new Set(entries.flatMap((entry) => (entry.kind === 'Flake' ? [entry.reference] : [])));
  return [...sources, ...[...references].map((flake) => ({ name: flake, flake }))];
}
