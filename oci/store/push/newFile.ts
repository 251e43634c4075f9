import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { StoreError } from '../errors.ts';
import { makeFolder, type OpenFolder } from '../openFolder.ts';

/** Mode of what is pushed: builders and `serve` are in the tree's group. */
export const fileMode = 0o640;

/**
 * Writes a small file that appears whole, under a name that is never replaced.
 * @throws {StoreError} `CONFLICT` where the name has other bytes.
 */
export async function writeNew(
  tree: string,
  folder: OpenFolder,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  await withTemporary(tree, bytes, async (temporary, unfinished) => {
    const outcome = await folder.take(temporary, unfinished, name);
    if (outcome === 'there' && !(await holds(folder, name, bytes)))
      throw new StoreError('CONFLICT', `${name} is there already with other contents; nothing is replaced`);
  });
}

/** Writes a small file that appears whole, in the place of what had that name. */
export async function replaceFile(
  tree: string,
  folder: OpenFolder,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  await withTemporary(tree, bytes, async (temporary, unfinished) => {
    await folder.move(temporary, unfinished, name);
  });
}

async function withTemporary(
  tree: string,
  bytes: Uint8Array,
  work: (temporary: OpenFolder, unfinished: string) => Promise<void>,
): Promise<void> {
  await using temporary = await makeFolder(tree, 'tmp');
  const unfinished = randomUUID();
  try {
    const file = await open(temporary.at(unfinished), 'wx', fileMode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await work(temporary, unfinished);
  } finally {
    await temporary.remove(unfinished);
  }
}

async function holds(folder: OpenFolder, name: string, bytes: Uint8Array): Promise<boolean> {
  await using file = await folder.open(name);
  if (file === undefined || (await file.stat()).size !== bytes.length) return false;
  return (await file.readFile()).equals(bytes);
}
