import { hexOf } from '../digest.ts';
import * as layout from './layout.ts';
import { publicationName } from './publication.ts';
import { NamespaceReader } from './reader.ts';
import { removeFiles } from './remove.ts';
import { listNames } from './safeFiles.ts';

/** How many publications of a tag stay pullable by digest. */
const kept = 3;
const limit = 100_000;
/** A manifest that nobody names may be about to be published: another builder writes it first, and then the tag. */
const graceMilliseconds = 60 * 60 * 1000;

/**
 * Removes the publications of a tag that are older than the newest three, and with them the manifests that nobody has
 * named for an hour. Where there are none, the image's other tags are not read: there may be many.
 */
export async function prune(tree: string, image: string, tag: string): Promise<void> {
  const old = (await new NamespaceReader(tree).publications(image, tag)).slice(kept);
  if (old.length === 0) return;
  await removeFiles(layout.tagFolder(tree, image, tag), old.map(publicationName));
  await removeUnnamed(tree, image);
}

/**
 * Removes the manifests that no publication of the image names, and that nobody may be about to publish.
 * @param options.now milliseconds since 1970.
 * @param options.published until then, in milliseconds since 1970, what was to be published was; later, an hour's grace
 * counts.
 * @returns how many were removed.
 */
export async function removeUnnamed(
  tree: string,
  image: string,
  {
    now = Date.now(),
    published = Number.NEGATIVE_INFINITY,
  }: { readonly now?: number; readonly published?: number } = {},
): Promise<number> {
  const named = await namedManifests(tree, image);
  const folder = layout.manifestsFolder(tree, image);
  const names = ((await listNames(folder, limit)) ?? []).filter((hex) => !named.has(hex));
  const until = Math.max(published, now - graceMilliseconds);
  return await removeFiles(folder, names, ({ mtimeMs }) => mtimeMs <= until);
}

/** Hexadecimal digits of the manifests that any publication of the image names. */
async function namedManifests(tree: string, image: string): Promise<Set<string>> {
  const reader = new NamespaceReader(tree);
  const named = new Set<string>();
  for (const tag of (await listNames(layout.tagsFolder(tree, image), limit)) ?? [])
    for (const { digest } of await reader.publications(image, tag)) named.add(hexOf(digest));
  return named;
}
