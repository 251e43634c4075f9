import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../../runtime/errors.ts';
import { isImageName, isTag } from '../names.ts';
import { removeFile, syncFolder } from './appear.ts';
import * as layout from './layout.ts';
import { namedManifests } from './prune.ts';
import { publicationName } from './publication.ts';
import { NamespaceReader } from './reader.ts';
import { listNames } from './safeFiles.ts';

const limit = 100_000;

/**
 * Removes what was published for one NixImage: first the tags' publications, then the manifests that nobody names any
 * more. What a later NixImage of the same name published stays. Blobs stay for the collector: another build may have
 * just decided to use them.
 */
export async function removeImage(
  tree: string,
  image: string,
  uid: string,
): Promise<{ readonly removedTags: number; readonly removedManifests: number }> {
  if (!isImageName(image)) return { removedTags: 0, removedManifests: 0 };
  const reader = new NamespaceReader(tree);
  let removedTags = 0;
  for (const tag of ((await listNames(layout.tagsFolder(tree, image), limit)) ?? []).filter(isTag)) {
    const folder = layout.tagFolder(tree, image, tag);
    const theirs = (await reader.publications(image, tag)).filter((publication) => publication.uid === uid);
    for (const publication of theirs) await removeFile(join(folder, publicationName(publication)));
    if (theirs.length > 0) removedTags += 1;
    await removeEmpty(folder);
  }
  const named = await namedManifests(tree, image);
  let removedManifests = 0;
  const manifests = layout.manifestsFolder(tree, image);
  for (const hex of (await listNames(manifests, limit)) ?? []) {
    if (!/^[0-9a-f]{64}$/.test(hex) || named.has(hex)) continue;
    await removeFile(join(manifests, hex));
    removedManifests += 1;
  }
  const folder = layout.imageFolder(tree, image);
  for (const empty of [layout.tagsFolder(tree, image), manifests, join(folder, 'manifests'), folder])
    await removeEmpty(empty);
  await syncFolder(join(tree, 'images'));
  return { removedTags, removedManifests };
}

async function removeEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'ENOTDIR', 'EEXIST'].some((code) => hasErrno(error, code))) throw error;
  }
}
