import {
  type OrderedSource,
  parseResolvedSources,
  type ResolvedSource,
  type Source,
} from '../../runtime/contract/sources.ts';
import type { SyncRequest } from '../metacontroller.ts';
import { allSources } from '../resource/allSources.ts';
import type { ImageData } from '../resource/niximage.ts';
import type { LastStatus } from './lastStatus.ts';

/**
 * What the sources of this input were: as the builder's Pod says now, else as it was said last. Empty where nobody knows
 * yet, and once the manifest has changed.
 */
export function resolvedSources(
  data: ImageData,
  inputHash: string,
  { children }: SyncRequest,
  { build, whole }: LastStatus,
): readonly ResolvedSource[] {
  const sources = allSources(data);
  if (sources.length === 0 || build?.inputHash !== inputHash) return [];
  const container = build.pod === undefined ? undefined : children.pods.get(build.pod)?.container;
  const said = container?.kind === 'Terminated' ? reportedSources(container.message, sources) : undefined;
  const known = said ?? whole.sources ?? [];
  // A tenant's Pod wrote them: each name once, and no other names.
  return sources.flatMap(({ name }) => known.find((each) => each.name === name) ?? []);
}

/** The sources that a build is to fetch, each as it was the last time. */
export function orderedSources(
  data: ImageData,
  resolved: readonly ResolvedSource[],
): readonly OrderedSource[] | undefined {
  const sources = allSources(data);
  if (sources.length === 0) return undefined;
  return sources.map((source) => {
    const found = resolved.find(({ name }) => name === source.name);
    if (found === undefined) return source;
    const { name: _, ...pin } = found;
    return Object.assign({ pin }, source);
  });
}

function reportedSources(
  message: string | undefined,
  ordered: readonly Source[],
): ResolvedSource[] | undefined {
  try {
    const report: unknown = JSON.parse(message ?? '');
    if (typeof report !== 'object' || report === null) return undefined;
    const names = ordered.map(({ name }) => name);
    return parseResolvedSources(Reflect.get(report, 'sources'), names);
  } catch {
    return undefined;
  }
}
