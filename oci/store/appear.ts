import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrno } from '../../runtime/errors.ts';
import { StoreError } from './errors.ts';
import { readRegular } from './safeFiles.ts';

/** Mode of what a builder writes: the keeper and serve are in the tree's group. */
const fileMode = 0o640;

export interface TemporaryFile {
  readonly path: string;
  readonly file: FileHandle;
}

/** A new file in a tree's `tmp`, for one writer. */
export async function createTemporary(tree: string): Promise<TemporaryFile> {
  const path = join(tree, 'tmp', randomUUID());
  return { path, file: await open(path, 'wx', fileMode) };
}

/**
 * Gives a written temporary file its final name, for good: synced first, then linked, so that the name appears with all
 * of its bytes or not at all, and never replaces another. The temporary name goes, and the file is closed.
 * @param options.synced false for what can be lost with the machine's power, and is checked by whoever reads it.
 * @returns whether the name is new; where it is not, what is there stays.
 */
export async function appear(
  temporary: TemporaryFile,
  path: string,
  { synced = true }: { readonly synced?: boolean } = {},
): Promise<'made' | 'there'> {
  try {
    if (synced) await temporary.file.sync();
    await temporary.file.close();
    return await linkTo(temporary.path, path, synced);
  } finally {
    await discard(temporary);
  }
}

export async function discard(temporary: TemporaryFile): Promise<void> {
  await temporary.file.close();
  await removeFile(temporary.path);
}

/** Writes a small file that is to appear whole. @throws {StoreError} `CONFLICT` where the name has other bytes. */
export async function appearWith(tree: string, path: string, bytes: Uint8Array): Promise<'made' | 'there'> {
  const temporary = await createTemporary(tree);
  try {
    await temporary.file.writeFile(bytes);
  } catch (error) {
    await discard(temporary);
    throw error;
  }
  const outcome = await appear(temporary, path);
  if (outcome === 'there' && !(await readRegular(path, bytes.length))?.equals(bytes))
    throw new StoreError(
      'CONFLICT',
      `${path} is there already with other contents; nothing in the store is replaced, so remove it if it is wrong`,
    );
  return outcome;
}

async function linkTo(from: string, path: string, synced: boolean): Promise<'made' | 'there'> {
  // The folder may go between its making and the link, when an image is finalized meanwhile.
  for (let attempt = 0; ; attempt += 1) {
    await mkdir(dirname(path), { recursive: true, mode: 0o2770 });
    try {
      await link(from, path);
      if (synced) await syncFolder(dirname(path));
      return 'made';
    } catch (error) {
      if (hasErrno(error, 'EEXIST')) return 'there';
      if (!hasErrno(error, 'ENOENT') || attempt === 5) throw error;
    }
  }
}

export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

/** Removes a file that may have gone already. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
}
