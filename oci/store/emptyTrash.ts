import { randomUUID } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { chmod, lstat, open, opendir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../../runtime/errors.ts';
import { removeEmpty } from './remove.ts';
import { inFolder, listNames } from './safeFiles.ts';

/** How long a tree stays after it was set aside, in milliseconds. */
const day = 24 * 60 * 60 * 1000;

/** Names that are looked at in one run; the next run goes on. */
const limit = 1_000_000;

/** What a folder within a tree is called once it was moved out of it. */
const loose = 'loose-';

const { O_NOFOLLOW, O_DIRECTORY } = constants;
/** Opens a folder that may not be read (open(2)); Node does not name it. */
const O_PATH = 0o10000000;

/**
 * Removes trees of namespaces that were set aside. A builder on a node that was lost may still have one of them mounted,
 * so nothing is followed, and nothing is named by more than one step: a folder in a tree is moved beside the trees, and
 * emptied there, so that no tree is too deep.
 * @param trash absolute, canonical path of the folder that they were moved into; nobody else writes to it.
 * @param age for how long they stay, in milliseconds.
 * @returns how many folders were emptied, those within trees included.
 */
export async function emptyTrash(
  trash: string,
  age: number = day,
  now: number = Date.now(),
): Promise<number> {
  const folders: string[] = [];
  for (const name of (await listNames(trash, limit)) ?? [])
    if (name.startsWith(loose) || (await wasSetAside(join(trash, name), now - age))) folders.push(name);
  let emptied = 0;
  let seen = 0;
  while (seen < limit) {
    const name = folders.pop();
    if (name === undefined) break;
    const names = await empty(trash, name);
    for (const moved of names.moved) folders.push(moved);
    seen += names.count;
    emptied += 1;
  }
  return emptied;
}

/** Removes a folder of the trash with its files. @returns its folders, by their names in the trash. */
async function empty(
  trash: string,
  name: string,
): Promise<{ readonly moved: readonly string[]; readonly count: number }> {
  const folder = join(trash, name);
  await makeWritable(folder);
  const moved: string[] = [];
  const count = await inFolder(folder, async (tree) => {
    let seen = 0;
    for await (const entry of await opendir(tree, { encoding: 'latin1' })) {
      const found = await takeOut(tree, entry, trash);
      if (found !== undefined) moved.push(found);
      seen += 1;
    }
    return seen;
  });
  await removeEmpty(folder);
  return { moved, count: count ?? 0 };
}

/** Its renaming changed it. */
async function wasSetAside(path: string, before: number): Promise<boolean> {
  const stat = await lstat(path).catch(() => undefined);
  return stat !== undefined && stat.isDirectory() && stat.ctimeMs < before;
}

/**
 * Removes what is no folder; a folder is moved into the trash.
 * @param entry its name has a character for each byte, for it need not be UTF-8.
 * @returns the folder's name in the trash.
 */
async function takeOut(tree: string, entry: Dirent, trash: string): Promise<string | undefined> {
  const path = Buffer.from(`${tree}/${entry.name}`, 'latin1');
  try {
    if (!entry.isDirectory()) {
      await unlink(path);
      return undefined;
    }
    await makeWritable(path);
    const name = loose + randomUUID();
    await rename(path, join(trash, name));
    return name;
  } catch (error) {
    // It is gone, or something else by now: the next run sees what.
    if (['ENOENT', 'EISDIR', 'EPERM'].some((code) => hasErrno(error, code))) return undefined;
    throw error;
  }
}

/** A folder that its owner may not write can neither be emptied nor moved. */
async function makeWritable(path: string | Buffer): Promise<void> {
  try {
    await using folder = await open(path, O_PATH | O_NOFOLLOW | O_DIRECTORY);
    await chmod(`/proc/self/fd/${folder.fd}`, 0o700);
  } catch (error) {
    if (!['ENOENT', 'ELOOP', 'ENOTDIR', 'EPERM'].some((code) => hasErrno(error, code))) throw error;
  }
}
