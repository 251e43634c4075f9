import { constants, type Stats } from 'node:fs';
import { type FileHandle, link, mkdir, rename, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../../runtime/errors.ts';
import { StoreError } from './errors.ts';
import { folderFlags, openIfThere } from './safeFiles.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * An open folder of a tree that a tenant can write too. Whoever pushes may write every tenant's tree, so that no step on
 * the way may follow a link: each folder is opened below the open one before it, and files are named below the last.
 */
export class OpenFolder {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** A path for a name in this very folder, whatever its own path leads to by now. */
  at(name: string): string {
    return `/proc/self/fd/${this.#handle.fd}/${name}`;
  }

  /** Opens a regular file of this folder; undefined where there is none. Whoever gets it closes it. */
  async open(name: string, flags: number = O_RDONLY): Promise<FileHandle | undefined> {
    const file = await openIfThere(this.at(name), flags | O_NOFOLLOW | O_NONBLOCK);
    if (file === undefined || (await file.stat()).isFile()) return file;
    await file.close();
    return undefined;
  }

  /** Bytes of a regular file; undefined where there is none. */
  async sizeOf(name: string): Promise<number | undefined> {
    await using file = await this.open(name);
    return file === undefined ? undefined : (await file.stat()).size;
  }

  /** What is known of a regular file; undefined where there is none. */
  async stat(name: string): Promise<Stats | undefined> {
    await using file = await this.open(name);
    return await file?.stat();
  }

  /** Whether the name was new; where it was not, what is there stays. */
  async take(from: OpenFolder, name: string, as: string): Promise<'made' | 'there'> {
    try {
      await link(from.at(name), this.at(as));
      await this.#handle.sync();
      return 'made';
    } catch (error) {
      if (hasErrno(error, 'EEXIST')) return 'there';
      throw error;
    }
  }

  /** Moves a file out of another folder into this one. @returns whether it was there. */
  async move(from: OpenFolder, name: string, as: string): Promise<boolean> {
    return await wasThere(rename(from.at(name), this.at(as)));
  }

  /** @returns whether it was there. */
  async remove(name: string): Promise<boolean> {
    return await wasThere(unlink(this.at(name)));
  }

  /** Removes a folder in this one, where nothing is in it. */
  async removeEmpty(name: string): Promise<void> {
    await rmdir(this.at(name)).catch((error: unknown) => {
      if (!['ENOENT', 'ENOTEMPTY', 'ENOTDIR'].some((code) => hasErrno(error, code))) throw error;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

/**
 * Opens a folder of a tree, and makes what is missing on the way.
 * @param tree absolute, canonical path.
 * @throws {StoreError} `CONFLICT` where a step is a link, or no folder.
 */
export async function makeFolder(tree: string, ...steps: readonly string[]): Promise<OpenFolder> {
  const folder = await walk(tree, steps, makeStep);
  if (folder === undefined) throw conflict(join(tree, ...steps));
  return folder;
}

/** Opens a folder of a tree; undefined where there is none without following a link. */
export function findFolder(tree: string, ...steps: readonly string[]): Promise<OpenFolder | undefined> {
  return walk(tree, steps, findStep);
}

type Step = (path: string) => Promise<FileHandle | undefined>;

async function walk(tree: string, steps: readonly string[], step: Step): Promise<OpenFolder | undefined> {
  let handle = await findStep(tree);
  for (const name of steps) {
    if (handle === undefined) return undefined;
    const above: FileHandle = handle;
    try {
      handle = await step(`/proc/self/fd/${above.fd}/${name}`);
    } finally {
      await above.close();
    }
  }
  return handle === undefined ? undefined : new OpenFolder(handle);
}

function findStep(path: string): Promise<FileHandle | undefined> {
  return openIfThere(path, folderFlags);
}

async function makeStep(path: string): Promise<FileHandle | undefined> {
  const found = await findStep(path);
  if (found !== undefined) return found;
  try {
    await mkdir(path);
  } catch (error) {
    // Another one makes it, or something else bears that name.
    if (hasErrno(error, 'EEXIST')) return await findStep(path);
    throw error;
  }
  const made = await findStep(path);
  // Builders of the namespace are in the tree's group, and write beside what is pushed.
  await made?.chmod(0o2770);
  return made;
}

async function wasThere(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

function conflict(path: string): StoreError {
  return new StoreError(
    'CONFLICT',
    `${path} is a link or no folder, and nothing is written through it; remove it`,
  );
}
