import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../../../runtime/errors.ts';
import { type KubeObject, parseObject } from './kubeObject.ts';

/** Reads the objects of a kind from a folder that another process may be writing; sorted by namespace and name. */
export async function readObjects(folder: string, kind: string): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const path of (await filesIn(join(folder, kind))).sort()) {
    const object = parseObject(await readFile(path, 'utf8').catch(emptyWhereGone));
    if (object !== undefined) objects.push(object);
  }
  return objects;
}

/** Files of objects anywhere below a folder; none where there is no folder. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function emptyWhereGone(error: unknown): string {
  if (hasErrno(error, 'ENOENT')) return '';
  throw error;
}
