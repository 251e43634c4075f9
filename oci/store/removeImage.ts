import { dirname, join } from 'node:path';
import { isImageName, isTag } from '../names.ts';
import { syncFolder } from './appear.ts';
import * as layout from './layout.ts';
import { removeUnnamed } from './prune.ts';
import { publicationName } from './publication.ts';
import { NamespaceReader } from './reader.ts';
import { removeEmpty, removeFiles } from './remove.ts';
import { inFolder, listNames } from './safeFiles.ts';

const limit = 100_000;

/**
 * Removes what was published for one NixImage: first the tags' publications, then the manifests that nobody names any
 * more. What a later NixImage of the same name published stays, and what it is about to publish. Blobs stay for the
 * collector: another build may have just decided to use them.
 */
export async function removeImage(
  tree: string,
  image: string,
  uid: string,
): Promise<{ readonly removedTags: number; readonly removedManifests: number }> {
  if (!isImageName(image)) return { removedTags: 0, removedManifests: 0 };
  const reader = new NamespaceReader(tree);
  let removedTags = 0;
  let published = Number.NEGATIVE_INFINITY;
  for (const tag of ((await listNames(layout.tagsFolder(tree, image), limit)) ?? []).filter(isTag)) {
    const folder = layout.tagFolder(tree, image, tag);
    const removeSome = async (): Promise<number> => {
      const theirs = (await reader.publications(image, tag)).filter((publication) => publication.uid === uid);
      return await removeFiles(folder, theirs.map(publicationName), ({ mtimeMs }) => {
        published = Math.max(published, mtimeMs);
        return true;
      });
    };
    if ((await removeSome()) > 0) removedTags += 1;
    // The newest are read only: of more, the older ones show when those are gone.
    while ((await removeSome()) > 0);
    await removeEmpty(folder);
  }
  const removedManifests = await removeUnnamed(tree, image, { published });
  const manifests = layout.manifestsFolder(tree, image);
  for (const empty of [
    layout.tagsFolder(tree, image),
    manifests,
    dirname(manifests),
    layout.imageFolder(tree, image),
  ])
    await removeEmpty(empty);
  await inFolder(join(tree, 'images'), syncFolder);
  return { removedTags, removedManifests };
}
