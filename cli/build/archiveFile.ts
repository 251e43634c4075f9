import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { CodedError, messageOf } from '../../runtime/errors.ts';

export class ArchiveFileError extends CodedError<'ARCHIVE_UNWRITABLE'> {}

/**
 * Writes an archive to a file, which appears under its name once it is whole.
 * @throws {ArchiveFileError}
 */
export async function writeArchive(archive: AsyncIterable<Buffer>, path: string): Promise<void> {
  const draft = `${path}.${process.pid}.part`;
  try {
    await pipeline(archive, createWriteStream(draft));
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new ArchiveFileError('ARCHIVE_UNWRITABLE', `${path} cannot be written: ${messageOf(cause)}`, {
      cause,
    });
  }
}
