import {
  type OrderedSource,
  parseResolvedSources,
  type ResolvedSource,
  type Source,
} from '../../runtime/contract/sources.ts';
import type { SyncRequest } from '../metacontroller.ts';
import { allSources } from '../resource/allSources.ts';
import type { ImageData, ImageStatus } from '../resource/niximage.ts';
import type { LastStatus } from './lastStatus.ts';

/** A source as the status tells of it; without `narHash` it is yet to be fetched. */
type StatusSource = NonNullable<ImageStatus['sources']>[number];

const packageSet = 'nixpkgs';

/**
 * What the sources of this input were: as the builder's Pod says now, else as it was said last. Nothing is known of them
 * once the manifest has changed, but where the package set is to come from.
 * @param nixpkgs what the operator says of it now; a build that has begun stays with what was said then.
 */
export function resolvedSources(
  data: ImageData,
  inputHash: string,
  { children }: SyncRequest,
  { build, whole }: LastStatus,
  nixpkgs: string,
): readonly StatusSource[] {
  const isSame = build?.inputHash === inputHash;
  const before = isSame ? (whole.sources ?? []) : [];
  const url = isSame ? before.find(({ name }) => name === packageSet)?.url : nixpkgs;
  const sources: OrderedSource[] = [...operatorsSource(data, url), ...allSources(data)];
  const container = build?.pod === undefined ? undefined : children.pods.get(build.pod)?.container;
  const said =
    isSame && container?.kind === 'Terminated' ? reportedSources(container.message, sources) : undefined;
  const known = said ?? before;
  // A tenant's Pod wrote them: each name once, and no other names.
  return sources.flatMap(({ name, byOperator }): StatusSource[] => {
    const found = known.find((each) => each.name === name);
    if (byOperator === undefined || url === undefined) return found === undefined ? [] : [found];
    return [{ ...found, name, url }];
  });
}

/** The sources that a build is to fetch, each as it was the last time. */
export function orderedSources(
  data: ImageData,
  resolved: readonly StatusSource[],
): readonly OrderedSource[] | undefined {
  const url = resolved.find(({ name }) => name === packageSet)?.url;
  const sources = [...operatorsSource(data, url), ...allSources(data)];
  if (sources.length === 0) return undefined;
  return sources.map((source) => {
    const { rev, narHash } = resolved.find(({ name }) => name === source.name) ?? {};
    if (narHash === undefined) return source;
    const pin = { ...(rev === undefined ? {} : { rev }), narHash };
    return Object.assign({ pin }, source);
  });
}

/** The operator's package set as a source, where it is fetched and the manifest names no other. */
function operatorsSource({ sources = [] }: ImageData, url: string | undefined): OrderedSource[] {
  const isFetched = url !== undefined && /^https?:/.test(url);
  if (!isFetched || sources.some(({ name }) => name === packageSet)) return [];
  return [{ name: packageSet, tarball: { url }, byOperator: true }];
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
