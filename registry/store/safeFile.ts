import { constants } from 'node:fs';
import { type FileHandle, lstat, open, opendir, readlink } from 'node:fs/promises';
import { hasErrno } from '../../runtime/errors.ts';

/** What says that a file is not there for us: absent, a symbolic link, no folder on the way, not readable. */
const absences = ['ENOENT', 'ELOOP', 'ENOTDIR', 'EACCES', 'ENXIO', 'ENODEV', 'EISDIR', 'ENAMETOOLONG'];

export function isAbsence(error: unknown): boolean {
  return absences.some((code) => hasErrno(error, code));
}

/**
 * Opens a regular file that really is at this path. A tenant can have planted links, FIFOs and devices: O_NONBLOCK keeps
 * a FIFO from blocking, O_NOFOLLOW refuses a link at the end, and the kernel's own name of the file one on the way.
 * @param path absolute, with no symbolic link in it.
 */
export async function openFile(path: string): Promise<{ file: FileHandle; size: number } | undefined> {
  const file = await openAt(path, 0);
  if (file === undefined) return undefined;
  const stat = await file.stat();
  if (stat.isFile()) return { file, size: stat.size };
  await file.close();
  return undefined;
}

/** The bytes of a regular file of at most `limit` bytes; a larger one counts as absent. */
export async function readSmallFile(path: string, limit: number): Promise<Buffer | undefined> {
  const opened = await openFile(path);
  if (opened === undefined) return undefined;
  const { file, size } = opened;
  try {
    if (size > limit) return undefined;
    const bytes = Buffer.allocUnsafe(size);
    const { bytesRead } = await file.read(bytes, 0, size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A folder that really is at this path; `at` names an entry so that no link planted later can lead elsewhere. */
export interface OpenFolder {
  at(entry: string): string;
  /** At most `limit` entries, unsorted. */
  entries(limit: number): Promise<string[]>;
}

/** Runs `work` in a folder; undefined where it is not there. */
export async function inFolder<Result>(
  path: string,
  work: (folder: OpenFolder) => Promise<Result>,
): Promise<Result | undefined> {
  const handle = await openAt(path, constants.O_DIRECTORY);
  if (handle === undefined) return undefined;
  const own = `/proc/self/fd/${handle.fd}`;
  try {
    return await work({
      at: (entry) => `${own}/${entry}`,
      async entries(limit) {
        const names: string[] = [];
        for await (const entry of await opendir(own)) {
          names.push(entry.name);
          if (names.length >= limit) break;
        }
        return names;
      },
    });
  } finally {
    await handle.close();
  }
}

export async function listFolder(path: string, limit: number): Promise<string[] | undefined> {
  return await inFolder(path, (folder) => folder.entries(limit));
}

async function openAt(path: string, flags: number): Promise<FileHandle | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  let handle: FileHandle;
  try {
    // O_NONBLOCK opens a FIFO that nobody writes to; opening some devices has effects, so they are not even opened.
    const stat = await lstat(path);
    if (!stat.isFile() && !stat.isDirectory()) return undefined;
    handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | flags);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
  try {
    if ((await readlink(`/proc/self/fd/${handle.fd}`)) === path) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/** What says that the volume itself fails, such as a network file system whose server is gone. */
export function isStorageFailure(error: unknown): boolean {
  return ['EIO', 'ESTALE', 'ENOTCONN', 'EHOSTDOWN', 'ETIMEDOUT', 'EROFS', 'ENOSPC', 'EMFILE', 'ENFILE'].some(
    (code) => hasErrno(error, code),
  );
}
