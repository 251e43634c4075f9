/** Nix code that a build fetches before it begins, of one kind: what `data.sources` of a NixImage lists. */
export interface Source {
  /** Its name in NIX_PATH. */
  readonly name: string;
  readonly git?: {
    readonly url: string;
    readonly rev?: string;
    readonly ref?: string;
    readonly submodules?: boolean;
  };
  readonly tarball?: { readonly url: string; readonly hash?: string };
  readonly channel?: string;
  readonly flake?: string;
  readonly files?: readonly SourceFile[];
  readonly volume?: { readonly name: string; readonly path?: string };
}

/** A file of a source whose texts are handed to the builder; `path` is relative to the source. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The texts of sources, by the source's name: the file `sources.json` beside the expression. */
export type SourceTexts = Readonly<Record<string, readonly SourceFile[]>>;

/** What a source was when it was fetched. */
export interface ResolvedSource {
  readonly name: string;
  /** The commit, where there is one. */
  readonly rev?: string;
  /** The hash of the folder, as `nix-store --query --hash` says it. */
  readonly narHash: string;
}

/** A source that a build is to fetch. */
export interface OrderedSource extends Source {
  /** The folder that holds it already: of a volume, where that is mounted. */
  readonly folder?: string;
  /** The package set that the operator names, and not the manifest. */
  readonly byOperator?: true;
  /** What it was before, and must be again. */
  readonly pin?: Omit<ResolvedSource, 'name'>;
}

/** The texts that are handed over beside the expression; undefined where no source has any. */
export function sourceTexts(sources: readonly Source[]): SourceTexts | undefined {
  const entries = sources.flatMap(({ name, files }) => (files === undefined ? [] : [[name, files] as const]));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The sources of an order with their texts again, which were handed over beside it. */
export function withSourceTexts(
  sources: readonly OrderedSource[],
  texts: SourceTexts,
): readonly OrderedSource[] {
  return sources.map((source) => {
    const files = Object.hasOwn(texts, source.name) ? texts[source.name] : undefined;
    return files === undefined ? source : { ...source, files };
  });
}

/**
 * Most sources of an image, so that what all of them were fits into a Pod's termination message of 4,096 bytes, if need
 * be without their names.
 */
export const mostSources = 24;

/**
 * Reads what a builder reported; undefined where it is no list of resolved sources.
 * @param names of the sources that were ordered, in their order: where names did not fit, the report has none.
 */
export function parseResolvedSources(
  value: unknown,
  names: readonly string[] = [],
): ResolvedSource[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const sources: ResolvedSource[] = [];
  for (const [index, each] of value.entries()) {
    if (typeof each !== 'object' || each === null) return undefined;
    const { name = names[index], rev, narHash } = each as { [Key in keyof ResolvedSource]?: unknown };
    if (typeof name !== 'string' || typeof narHash !== 'string') return undefined;
    if (rev !== undefined && typeof rev !== 'string') return undefined;
    sources.push({ name, ...(rev === undefined ? {} : { rev }), narHash });
  }
  return sources;
}
