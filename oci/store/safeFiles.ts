import { constants } from 'node:fs';
import { type FileHandle, open, opendir, readlink } from 'node:fs/promises';
import { hasErrno } from '../../runtime/errors.ts';

/**
 * Reading what a tenant's Pod can write. A path is opened without following a last symlink and without waiting for a
 * FIFO's writer; then the kernel is asked which file that is, so that a symlinked folder on the way is found out; then
 * only a regular file counts. Paths are absolute and canonical (see `openStore`).
 */
export interface RegularFile {
  readonly file: FileHandle;
  /** Where it was found. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

/** How a folder is opened: not through a link, and without waiting for anybody. */
export const folderFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_DIRECTORY;

/** What "it is not there, or not what may be read" looks like. */
export const refusals: readonly string[] = [
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'EACCES',
  'EPERM',
  'ENXIO',
  'ENODEV',
  'EISDIR',
  'ENAMETOOLONG',
];

/** Opens a regular file; undefined where there is none at that very path. Whoever gets it closes it. */
export async function openRegular(path: string): Promise<RegularFile | undefined> {
  const file = await openIfThere(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (file === undefined) return undefined;
  try {
    const stat = await file.stat();
    if (stat.isFile() && (await isAt(file, path))) return { file, path, size: stat.size };
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}

/** Size of a regular file in bytes; undefined where there is none at that very path. */
export async function regularSize(path: string): Promise<number | undefined> {
  const opened = await openRegular(path);
  await opened?.file.close();
  return opened?.size;
}

/** The bytes of a regular file; undefined where there is none, or it has more than `limit` bytes. */
export async function readRegular(path: string, limit: number): Promise<Buffer | undefined> {
  const opened = await openRegular(path);
  if (opened === undefined) return undefined;
  try {
    if (opened.size > limit) return undefined;
    const bytes = Buffer.alloc(opened.size);
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await opened.file.read(bytes, done, bytes.length - done, done);
      if (bytesRead === 0) return undefined;
      done += bytesRead;
    }
    return bytes;
  } finally {
    await opened.file.close();
  }
}

/** Up to `limit` names of a folder, in no order; undefined where there is no folder at that very path. */
export async function listNames(path: string, limit: number): Promise<string[] | undefined> {
  return await inFolder(path, async (folder) => {
    const names: string[] = [];
    for await (const { name } of await opendir(folder)) {
      if (names.length === limit) break;
      names.push(name);
    }
    return names;
  });
}

/**
 * Opens a folder and gives a path that stays that folder's, whatever becomes of its name meanwhile; undefined where there
 * is no folder at that very path.
 */
export async function inFolder<T>(path: string, act: (folder: string) => Promise<T>): Promise<T | undefined> {
  const folder = await openIfThere(path, folderFlags);
  if (folder === undefined) return undefined;
  try {
    return (await isAt(folder, path)) ? await act(`/proc/self/fd/${folder.fd}`) : undefined;
  } finally {
    await folder.close();
  }
}

/** Opens a path; undefined where nothing is there that may be read. */
export async function openIfThere(path: string, flags: number): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags);
  } catch (error) {
    if (refusals.some((code) => hasErrno(error, code))) return undefined;
    throw error;
  }
}

async function isAt(file: FileHandle, path: string): Promise<boolean> {
  return (await readlink(`/proc/self/fd/${file.fd}`)) === path;
}
