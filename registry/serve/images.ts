import type { FileHandle } from 'node:fs/promises';
import type { Referrer } from '../../oci/referrer.ts';
import type { BuildNews } from '../../runtime/contract/keeper.ts';
import type { RegistryPath, Repository } from '../path.ts';

export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  /** Exactly as stored; they hash to `digest`. */
  readonly bytes: Buffer;
}

export type RecallablePath = Extract<RegistryPath, { kind: 'ManifestByTag' | 'ManifestByDigest' | 'Blob' }>;

/** The bytes that a digest names, with the media type that they are served under. */
export interface Recalled {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** A blob to be read; where it is an open file, whoever gets it closes it. */
export interface OpenedBlob {
  readonly size: number;
  readonly source: Source;
}

export type Source =
  | { readonly kind: 'Memory'; readonly bytes: Buffer }
  /** `place` is its path below the volume's root. */
  | { readonly kind: 'File'; readonly file: FileHandle; readonly place: string };

/**
 * What serving needs of the store: reading, and nothing else.
 * Undefined says that it is not there, and that the volume was seen; where the volume is away, each throws a
 * `Problem` with the code `UNAVAILABLE`.
 */
export interface Images {
  /** The digest that the tag's newest publication names. */
  resolve(repository: Repository, tag: string): Promise<string | undefined>;
  manifest(repository: Repository, digest: string): Promise<StoredManifest | undefined>;
  /** Only of the repository's own namespace. */
  blob(repository: Repository, digest: string): Promise<OpenedBlob | undefined>;
  /** Sorted; undefined where there is no image of that name. The same list again where nothing changed. */
  tags(repository: Repository): Promise<readonly string[] | undefined>;
  exists(repository: Repository): Promise<boolean>;
  /** How far an image is that is built now, where the hook has told it. */
  news(repository: Repository): Promise<BuildNews | undefined>;
  /** The manifests that name another as their subject, which need not be there. */
  referrers(repository: Repository, subject: string): Promise<readonly Referrer[]>;
  /** Drops what is kept of tags and lists, and of a digest that was deleted: something was pushed or deleted here. */
  forget(repository: Repository, digest?: string): void;
  /** The digest that a tag named a moment ago, where that is in memory. */
  recallTag(repository: Repository, tag: string): string | undefined;
  /** The tags as they were a moment ago, where that is in memory. */
  recallTags(repository: Repository): readonly string[] | undefined;
  /** The referrers as they were a moment ago, where that is in memory. */
  recallReferrers(repository: Repository, subject: string): readonly Referrer[] | undefined;
  /** What is in memory and fresh of a manifest or a small blob; undefined where the store is to be asked. */
  recall(path: RecallablePath): Recalled | undefined;
  /** Whether the volume is there. */
  ready(): Promise<boolean>;
}
