import { mostSources } from '../../runtime/contract/sources.ts';
import { isTaken } from '../expression/attributePath.ts';
import { allSources } from './allSources.ts';
import type { ImageData } from './niximage.ts';
import type { Problem } from './problem.ts';

const kinds = ['git', 'tarball', 'channel', 'flake', 'configMap', 'files', 'volume'] as const;

/** Rules for the user's own Nix code: each of it is in one place, and each place is there. */
export function ownNixProblems(data: ImageData): Problem[] {
  const { sources = [], overlays = [], expression } = data;
  const names = sources.map(({ name }) => name);
  return [
    ...countProblems(data),
    ...sources.flatMap((source, index) => sourceProblems(source, index)),
    ...overlays.flatMap((overlay, index) =>
      placeProblems(overlay, ['data', 'overlays', index], `data.overlays[${index}]`, names),
    ),
    ...(expression === undefined
      ? []
      : placeProblems(expression, ['data', 'expression'], 'data.expression', names)),
  ];
}

function countProblems(data: ImageData): Problem[] {
  const count = allSources(data).length;
  if (count <= mostSources) return [];
  const message = `data.sources and the flakes of data.contents are ${count} together; at most ${mostSources} are possible`;
  return [{ path: ['data'], message }];
}

function sourceProblems(source: NonNullable<ImageData['sources']>[number], index: number): Problem[] {
  const path = ['data', 'sources', index];
  const field = `data.sources[${index}]`;
  const problems: Problem[] = [];
  if (kinds.filter((kind) => source[kind] !== undefined).length !== 1)
    problems.push({
      path,
      message: `${field} must be one of ${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1)}`,
    });
  if (isTaken(source.name))
    problems.push({
      path: [...path, 'name'],
      message: `${field}.name is ${JSON.stringify(source.name)}, which means something else to Nix; name it otherwise`,
    });
  return problems;
}

function placeProblems(
  { inline, source, configMap, path: file }: NonNullable<ImageData['expression']>,
  path: readonly (string | number)[],
  field: string,
  names: readonly string[],
): Problem[] {
  if ([inline, source, configMap].filter((each) => each !== undefined).length !== 1)
    return [
      {
        path,
        message: `${field} is inline, from a source or from a ConfigMap; give one of inline, source and configMap`,
      },
    ];
  if (file !== undefined && source === undefined)
    return [{ path: [...path, 'path'], message: `${field}.path belongs to a source; leave it out` }];
  if (source !== undefined && !names.includes(source))
    return [
      {
        path: [...path, 'source'],
        message: `${field}.source is ${JSON.stringify(source)}, which data.sources does not have`,
      },
    ];
  return [];
}
