import { type Digest, hexOf } from '../../digest.ts';
import type { Publication } from '../publication.ts';

/** Stands in a publication where a build has its NixImage's uid; no uid of Kubernetes looks so. */
const pusher = 'pushed';
/** Before any NixImage, so that what is built wins over what was pushed under its tag. */
const created = '1970-01-01T00:00:00Z';

export interface PushedManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly manifestSize: number;
  /** Bytes of all blobs it names. */
  readonly size: number;
}

/** A tag's publication by a client, the `ordinal`-th. */
export function pushedPublication(manifest: PushedManifest, ordinal: number): Publication {
  const inputHash = hexOf(manifest.digest).slice(0, 64);
  return { ...manifest, created, ordinal, uid: pusher, inputHash };
}

/** Whether a publication was pushed, and not built. */
export function isPushed({ uid }: Pick<Publication, 'uid'>): boolean {
  return uid === pusher;
}
