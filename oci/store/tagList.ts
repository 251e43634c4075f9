import { closeSync, constants, open as openCallback } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { hasErrno } from '../../runtime/errors.ts';
import { isPublicationName } from './publication.ts';
import { inFolder, refusals } from './safeFiles.ts';

/** The tags of an image. */
export interface TagList {
  /** In the order of their code units. */
  readonly tags: readonly string[];
  /** Whether each tag's folder has a publication: one that is filled later does not change the folder above it. */
  readonly isWhole: boolean;
}

const openDescriptor = promisify(openCallback);
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

/** How many folders are looked into together. */
const together = 32;
/** Most names that are read of one tag's folder. */
const namesLimit = 1000;

/**
 * Looks which of the folders in `folder` have a publication. Publications are not opened, for there may be many tags: one
 * that holds nothing but what a tenant forged is listed, and names nothing when it is asked for.
 */
export async function findTags(folder: string, names: readonly string[]): Promise<TagList> {
  const found = await inFolder(folder, async (open) => {
    const tags: string[] = [];
    const rest = names.values();
    const look = async (): Promise<void> => {
      for (const name of rest) if (await isNamed(`${open}/${name}`)) tags.push(name);
    };
    await Promise.all(Array.from({ length: together }, look));
    return tags.sort();
  });
  return { tags: found ?? [], isWhole: found?.length === names.length };
}

/** @param path of a folder right below an open one, so that only its last step could be a link. */
async function isNamed(path: string): Promise<boolean> {
  let descriptor: number;
  try {
    descriptor = await openDescriptor(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_DIRECTORY);
  } catch (error) {
    if (refusals.some((code) => hasErrno(error, code))) return false;
    throw error;
  }
  try {
    const entries = await opendir(`/proc/self/fd/${descriptor}`);
    try {
      for (let count = 0; count < namesLimit; count += 1) {
        const entry = await entries.read();
        if (entry === null) return false;
        if (isPublicationName(entry.name)) return true;
      }
      return false;
    } finally {
      // Nothing was written: there is nothing to wait for, and a thread's time is dearer than the call.
      entries.closeSync();
    }
  } finally {
    closeSync(descriptor);
  }
}
