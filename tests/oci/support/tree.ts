import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Digest, digestOf } from '../../../oci/digest.ts';
import { mediaTypes } from '../../../oci/mediaTypes.ts';
import { initialiseStore, openStore, type Store } from '../../../oci/store/store.ts';
import { type NamespaceTree, openTree } from '../../../oci/store/tree.ts';
import { temporaryFolder } from '../../support/tmp.ts';

/** A store with one namespace, and a builder's hand on it. */
export interface StoreBench {
  readonly store: Store;
  readonly path: string;
  readonly tree: NamespaceTree;
}

export async function storeBench(t: TestContext): Promise<StoreBench> {
  const root = join(await temporaryFolder(t), 'store');
  await initialiseStore(root);
  const store = await openStore(root);
  await store.createNamespace('team', 'namespace-uid');
  const path = store.treePath('team');
  return { store, path, tree: await openTree(path, 'builder-1') };
}

/** An image of one layer with this text, as a builder writes it: blobs, then the manifest. */
export async function writeImage(
  tree: NamespaceTree,
  image: string,
  text: string,
): Promise<{ readonly digest: Digest; readonly size: number; readonly leased: boolean }> {
  let leased = true;
  const blob = async (mediaType: string, bytes: Buffer) => {
    const digest = await tree.putBlob(bytes);
    leased = (await tree.lease(digest, bytes.length)) && leased;
    return { mediaType, digest, size: bytes.length };
  };
  const layer = await blob(mediaTypes.layer, Buffer.from(text));
  const config = await blob(
    mediaTypes.config,
    Buffer.from(JSON.stringify({ rootfs: { diff_ids: [digestOf(Buffer.from(text))] } })),
  );
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] }),
  );
  return { digest: await tree.putManifest(image, bytes), size: bytes.length, leased };
}

export interface Publishing {
  readonly tag?: string;
  readonly uid?: string;
  readonly ordinal?: number;
  readonly created?: string;
}

/** Gives the tag an image that was written. */
export async function publish(
  tree: NamespaceTree,
  image: string,
  { digest, size }: { readonly digest: Digest; readonly size: number },
  { tag = 'v1', uid = 'uid-1', ordinal = 1, created = '2026-01-02T03:04:05Z' }: Publishing = {},
): Promise<void> {
  await tree.publish(image, tag, {
    digest,
    mediaType: mediaTypes.manifest,
    manifestSize: size,
    size,
    created,
    ordinal,
    uid,
    inputHash: digest.slice(-64),
  });
}
