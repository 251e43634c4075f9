import { readdir } from 'node:fs/promises';
import { markerFile } from '../oci/store/layout.ts';
import { initialiseStore } from '../oci/store/store.ts';
import { CodedError, hasErrno, messageOf } from '../runtime/errors.ts';

export class InitialiseError extends CodedError<'NOT_EMPTY' | 'NOT_WRITABLE'> {}

/**
 * Marks an empty folder as a volume of ours, and makes it where it is missing; one that is marked stays as it is.
 * @throws {InitialiseError} `NOT_EMPTY` where it holds something else: a wrong path must not become a store.
 */
export async function initialiseEmpty(root: string): Promise<void> {
  try {
    const entries = await readdir(root).catch((error: unknown): string[] => {
      if (hasErrno(error, 'ENOENT')) return [];
      throw error;
    });
    if (!entries.includes(markerFile) && !entries.every(isOfNobody))
      throw new InitialiseError(
        'NOT_EMPTY',
        `${root} is not empty and has no ${markerFile}; choose an empty folder, or one that was used before`,
      );
    await initialiseStore(root);
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new InitialiseError('NOT_WRITABLE', `${root} cannot be made a volume: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** What a file system has from the start, and a mark whose writer was killed. */
function isOfNobody(entry: string): boolean {
  return entry === 'lost+found' || entry.startsWith(`${markerFile}.`);
}
