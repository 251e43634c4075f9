import { join } from 'node:path';
import { hexOf } from '../digest.ts';
import { removeFile } from './appear.ts';
import * as layout from './layout.ts';
import { publicationName } from './publication.ts';
import { NamespaceReader } from './reader.ts';
import { listNames } from './safeFiles.ts';

/** How many publications of a tag stay pullable by digest. */
const kept = 3;
const limit = 100_000;

/** Removes the publications of a tag that are older than the newest three, and then the manifests that nobody names. */
export async function prune(tree: string, image: string, tag: string): Promise<void> {
  const old = (await new NamespaceReader(tree).publications(image, tag)).slice(kept);
  if (old.length === 0) return;
  for (const publication of old)
    await removeFile(join(layout.tagFolder(tree, image, tag), publicationName(publication)));
  const named = await namedManifests(tree, image);
  for (const { digest } of old)
    if (!named.has(hexOf(digest))) await removeFile(layout.manifestPath(tree, image, digest));
}

/** Hexadecimal digits of the manifests that any publication of the image names. */
export async function namedManifests(tree: string, image: string): Promise<Set<string>> {
  const reader = new NamespaceReader(tree);
  const named = new Set<string>();
  for (const tag of (await listNames(layout.tagsFolder(tree, image), limit)) ?? [])
    for (const { digest } of await reader.publications(image, tag)) named.add(hexOf(digest));
  return named;
}
