import { algorithmOf, type Digest, hexOf } from '../digest.ts';
import { findFolder, makeFolder } from './openFolder.ts';

/**
 * Sets a blob aside that nothing seems to need. It is read as before; only nobody may begin to rely on it without calling
 * it back. Whoever took a lease at that very moment finds it in its place again.
 */
export async function retire(tree: string, digest: Digest): Promise<boolean> {
  await using blobs = await findFolder(tree, 'blobs', algorithmOf(digest));
  if (blobs === undefined) return false;
  await using retired = await makeFolder(tree, 'retired', algorithmOf(digest));
  const name = hexOf(digest);
  if (!(await retired.move(blobs, name, name))) return false;
  if ((await retired.stat(name))?.nlink === 1) return true;
  await callBack(tree, digest);
  return false;
}

/** Puts a retired blob back in its place. @returns whether it is there now. */
export async function callBack(tree: string, digest: Digest): Promise<boolean> {
  await using retired = await findFolder(tree, 'retired', algorithmOf(digest));
  if (retired === undefined) return false;
  await using blobs = await makeFolder(tree, 'blobs', algorithmOf(digest));
  const name = hexOf(digest);
  if ((await retired.stat(name)) === undefined) return false;
  try {
    await blobs.take(retired, name, name);
  } catch {
    // Removed, or called back by another, between the look and the link.
    return (await blobs.stat(name)) !== undefined;
  }
  await retired.remove(name);
  return true;
}
