import { lstat } from 'node:fs/promises';
import { hasErrno } from '../../runtime/errors.ts';

/** Tells whether a folder's entries may have changed: while they do not, its stamp stays the same. */
export interface Stamp {
  readonly id: string;
  /** When they changed last, in milliseconds since 1970. */
  readonly changed: number;
}

/** The stamp of a folder; undefined where there is none. What it says is not to be trusted further than that. */
export async function stampOf(path: string): Promise<Stamp | undefined> {
  try {
    const { ino, dev, ctimeMs, mode } = await lstat(path);
    return { id: `${dev}-${ino}-${mode}-${ctimeMs}`, changed: ctimeMs };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].some((code) => hasErrno(error, code))) return undefined;
    throw error;
  }
}
