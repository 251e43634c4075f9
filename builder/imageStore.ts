import type { Digest } from '../oci/digest.ts';
import type { Compression } from '../oci/layer/compression.ts';
import type { Publication, PublicationName } from '../oci/store/publication.ts';
import type { TarStyle } from '../oci/tar/header.ts';
import type { Progress } from '../runtime/contract/progress.ts';

/** A blob in the store: `sha256:<hex>` and bytes as stored. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly size: number;
}

/** A layer in the store. */
export interface StoredLayer extends StoredBlob {
  /** `sha256:<hex>` of the uncompressed layer. */
  readonly diffId: Digest;
  readonly mediaType: string;
}

/** The bytes that a layer is made of; equal `key`s are equal bytes, compressed the same. */
export type LayerSource =
  /** A tar of store paths as nixpkgs streams it. */
  | {
      readonly kind: 'StorePaths';
      readonly key: string;
      readonly storeDir: string;
      readonly paths: readonly string[];
      readonly style: TarStyle;
    }
  /** A tar that stands in the file system. */
  | { readonly kind: 'TarFile'; readonly key: string; readonly path: string }
  /** A layer of a docker-archive, by its path in it. */
  | { readonly kind: 'ArchiveLayer'; readonly key: string; readonly archive: string; readonly name: string };

export interface LayerWriting {
  readonly compression: Compression;
  readonly signal: AbortSignal;
  /** Told now and then how many bytes of the layer were read, before they are compressed. */
  readonly onRead?: (bytes: number) => void;
}

/** What a build needs of its namespace's tree; the store on the volume is one. */
export interface ImageStore {
  freeBytes(): Promise<number>;
  writeProgress(progress: Progress): Promise<void>;
  /** A layer written before, leased to this build so that no collection takes it. */
  findLayer(key: string): Promise<StoredLayer | undefined>;
  /** Compresses a layer into the store and remembers it by its key. */
  writeLayer(source: LayerSource, how: LayerWriting): Promise<StoredLayer>;
  putBlob(bytes: Uint8Array): Promise<StoredBlob>;
  putManifest(name: string, bytes: Uint8Array): Promise<StoredBlob>;
  /** Whether the tag has a publication that is newer than this one. */
  isSuperseded(name: string, tag: string, publication: PublicationName): Promise<boolean>;
  publish(name: string, tag: string, publication: Publication): Promise<void>;
  /** Ends what writes, and gives the leases back. */
  close(): Promise<void>;
}
