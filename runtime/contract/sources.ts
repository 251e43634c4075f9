/** Nix code that a build fetches before it begins, one of the four kinds: what `data.sources` of a NixImage lists. */
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
}

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
  /** What it was before, and must be again. */
  readonly pin?: Omit<ResolvedSource, 'name'>;
}

/** Reads what a builder reported; undefined where it is no list of resolved sources. */
export function parseResolvedSources(value: unknown): ResolvedSource[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const sources: ResolvedSource[] = [];
  for (const each of value) {
    if (typeof each !== 'object' || each === null) return undefined;
    const { name, rev, narHash } = each as { [Key in keyof ResolvedSource]?: unknown };
    if (typeof name !== 'string' || typeof narHash !== 'string') return undefined;
    if (rev !== undefined && typeof rev !== 'string') return undefined;
    sources.push({ name, ...(rev === undefined ? {} : { rev }), narHash });
  }
  return sources;
}
