import type { Stats } from 'node:fs';
import { lstat, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { hasErrno } from '../../runtime/errors.ts';
import { inFolder } from './safeFiles.ts';

/**
 * Removing what a tenant's Pod can write. Names are removed through the open folder, so that a folder that was exchanged
 * for a symlink meanwhile leads nowhere else.
 */

/** What keeps a name from being removed as a file: it is gone, or it is a folder. */
const notAFile = ['ENOENT', 'EISDIR', 'EPERM', 'ENOTDIR'];

/** What keeps a folder from being removed: it is gone, it holds something, or it is none. */
const notEmpty = ['ENOENT', 'ENOTEMPTY', 'ENOTDIR', 'EEXIST'];

/**
 * Removes files of a folder. What is a folder stays.
 * @param wanted asked of each file.
 * @returns how many were removed.
 */
export async function removeFiles(
  folder: string,
  names: Iterable<string>,
  wanted: (stat: Stats) => boolean = () => true,
): Promise<number> {
  const removed = await inFolder(folder, async (open) => {
    let count = 0;
    for (const name of names) {
      const stat = await unless(notAFile, () => lstat(`${open}/${name}`));
      if (stat === undefined || !wanted(stat)) continue;
      const gone = await unless(notAFile, async () => {
        await unlink(`${open}/${name}`);
        return true;
      });
      if (gone === true) count += 1;
    }
    return count;
  });
  return removed ?? 0;
}

/** Removes a folder that holds nothing. */
export async function removeEmpty(path: string): Promise<void> {
  await inFolder(dirname(path), (open) => unless(notEmpty, () => rmdir(`${open}/${basename(path)}`)));
}

async function unless<T>(codes: readonly string[], act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (codes.some((code) => hasErrno(error, code))) return undefined;
    throw error;
  }
}
