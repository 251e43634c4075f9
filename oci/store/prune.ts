import { stat } from 'node:fs/promises';
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
/** A manifest that nobody names may be about to be published: another builder writes it first, and then the tag. */
const graceMilliseconds = 60 * 60 * 1000;

/** Removes the publications of a tag that are older than the newest three, and manifests that nobody has named for an hour. */
export async function prune(tree: string, image: string, tag: string): Promise<void> {
  const old = (await new NamespaceReader(tree).publications(image, tag)).slice(kept);
  for (const publication of old)
    await removeFile(join(layout.tagFolder(tree, image, tag), publicationName(publication)));
  const named = await namedManifests(tree, image);
  const folder = layout.manifestsFolder(tree, image);
  for (const hex of (await listNames(folder, limit)) ?? [])
    if (!named.has(hex) && (await isOld(join(folder, hex)))) await removeFile(join(folder, hex));
}

/** Hexadecimal digits of the manifests that any publication of the image names. */
export async function namedManifests(tree: string, image: string): Promise<Set<string>> {
  const reader = new NamespaceReader(tree);
  const named = new Set<string>();
  for (const tag of (await listNames(layout.tagsFolder(tree, image), limit)) ?? [])
    for (const { digest } of await reader.publications(image, tag)) named.add(hexOf(digest));
  return named;
}

async function isOld(path: string): Promise<boolean> {
  const changed = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
  return Date.now() - changed > graceMilliseconds;
}
