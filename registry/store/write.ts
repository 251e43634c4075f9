import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, rmdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finalized } from '../../runtime/contract/keeper.ts';
import { hasErrno } from '../../runtime/errors.ts';
import { Problem } from '../problem.ts';
import { newestFirst, parsePublication } from './publication.ts';
import { inFolder, isAbsence, listFolder, type OpenFolder, readSmallFile } from './safeFile.ts';
import type { Store } from './store.ts';

const folders = ['blobs/sha256', 'images', 'layers', 'progress', 'leases', 'tmp', 'trash'];

/**
 * Makes a namespace's tree, with the uid in it last: a tree without one is not used.
 * @throws {Problem} `NAMESPACE_CONFLICT` where the tree belongs to an earlier namespace of the same name.
 */
export async function createNamespace(
  store: Store,
  namespace: string,
  uid: string,
): Promise<'Made' | 'There'> {
  const tree = join(store.root, namespace);
  const there = async (): Promise<boolean> => {
    const owner = await store.namespaceUid(namespace);
    if (owner === undefined || owner === uid) return owner === uid;
    const message = `the folder of ${namespace} belongs to an earlier namespace of that name; move it away by hand`;
    throw new Problem('NAMESPACE_CONFLICT', message);
  };
  if (await there()) return 'There';
  for (const folder of ['.', ...folders]) await makeFolder(join(tree, folder));
  const temporary = join(tree, 'tmp', randomUUID());
  await writeFile(temporary, JSON.stringify({ v: 1, uid }), { flag: 'wx', mode: 0o644, flush: true });
  try {
    await link(temporary, join(tree, '_namespace.json'));
    return 'Made';
  } catch (error) {
    if (hasErrno(error, 'EEXIST') && (await there())) return 'There';
    throw error;
  } finally {
    await unlink(temporary);
  }
}

/** Group-writable with the group inherited, so that builders with the volume's group can write. */
async function makeFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  if (made !== undefined) await chmod(path, 0o2770);
}

const entryLimit = 100_000;
const publicationLimit = 16_384;

/**
 * Takes away what was published for one NixImage: its publications, tags that are empty then, and manifests that no
 * publication names any more. Blobs stay: another build may have just decided to reuse them.
 */
export async function removeImage(
  store: Store,
  namespace: string,
  name: string,
  uid: string,
): Promise<Finalized> {
  const image = join(store.root, namespace, 'images', name);
  const named = new Set<string>();
  let removedTags = 0;
  for (const tag of (await listFolder(join(image, 'tags'), entryLimit)) ?? []) {
    const path = join(image, 'tags', tag);
    const left = await inFolder(path, (folder) => removePublications(path, folder, uid, named));
    if (left !== 0) continue;
    await inFolder(join(image, 'tags'), (tags) => ignoreAbsence(rmdir(tags.at(tag))));
    removedTags += 1;
  }
  const manifests = join(image, 'manifests/sha256');
  const removedManifests = await inFolder(manifests, async (folder) => {
    const unused = (await folder.entries(entryLimit)).filter((hex) => !named.has(`sha256:${hex}`));
    for (const hex of unused) await ignoreAbsence(unlink(folder.at(hex)));
    return unused.length;
  });
  if (named.size === 0) await removeEmptyFolders(image);
  return { removedTags, removedManifests: removedManifests ?? 0 };
}

/** @returns how many publications are left; their digests are added to `named`. */
async function removePublications(
  path: string,
  folder: OpenFolder,
  uid: string,
  named: Set<string>,
): Promise<number> {
  let left = 0;
  for (const file of newestFirst(await folder.entries(entryLimit))) {
    const bytes = await readSmallFile(join(path, file), publicationLimit);
    const publication = bytes === undefined ? undefined : parsePublication(bytes);
    if (publication?.uid === uid) await ignoreAbsence(unlink(folder.at(file)));
    else left += 1;
    if (publication !== undefined && publication.uid !== uid) named.add(publication.digest);
  }
  return left;
}

async function removeEmptyFolders(image: string): Promise<void> {
  for (const part of ['tags', 'manifests'])
    await inFolder(image, async (folder) => {
      if (part === 'manifests') await ignoreAbsence(rmdir(folder.at('manifests/sha256')));
      await ignoreAbsence(rmdir(folder.at(part)));
    });
  await inFolder(join(image, '..'), (images) =>
    ignoreAbsence(rmdir(images.at(image.slice(image.lastIndexOf('/') + 1)))),
  );
}

async function ignoreAbsence(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isAbsence(error) && !hasErrno(error, 'ENOTEMPTY')) throw error;
  });
}
