import { stat } from 'node:fs/promises';
import { type Digest, parseDigest } from '../../digest.ts';
import * as layout from '../layout.ts';
import { NamespaceReader } from '../reader.ts';
import { listNames } from '../safeFiles.ts';

const limit = 100_000;
const places = ['manifests/sha256', 'manifests/sha512', 'pushed/sha256', 'pushed/sha512'] as const;

/** What needs a blob of a namespace, in words for a person; undefined where nothing does. */
export async function findUsers(tree: string, blob: Digest): Promise<string | undefined> {
  // A second link is the lease of a running build.
  if ((await stat(layout.blobPath(tree, blob)).catch(() => undefined))?.nlink !== 1) return 'a running build';
  const reader = new NamespaceReader(tree);
  for (const image of (await listNames(`${tree}/images`, limit)) ?? [])
    for await (const digest of manifestsOf(tree, image)) {
      const manifest = await reader.readManifest(image, digest);
      if (manifest?.blobs.some((named) => named.digest === blob)) return `the image ${image}@${digest}`;
    }
  return undefined;
}

/** Digests of the blobs that the manifests of a namespace name, of builds and of pushes. */
export async function namedBlobs(tree: string): Promise<Set<Digest>> {
  const reader = new NamespaceReader(tree);
  const named = new Set<Digest>();
  for (const image of (await listNames(`${tree}/images`, limit)) ?? [])
    for await (const digest of manifestsOf(tree, image))
      for (const blob of (await reader.readManifest(image, digest))?.blobs ?? []) named.add(blob.digest);
  return named;
}

/** Digests of all manifests of an image, built and pushed. */
async function* manifestsOf(tree: string, image: string): AsyncGenerator<Digest> {
  for (const place of places) {
    const [, algorithm = ''] = place.split('/');
    for (const hex of (await listNames(`${layout.imageFolder(tree, image)}/${place}`, limit)) ?? []) {
      const digest = parseDigest(`${algorithm}:${hex}`);
      if (digest !== undefined) yield digest;
    }
  }
}
