import { randomUUID } from 'node:crypto';
import { mkdir, readdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError, hasErrno, messageOf } from '../../runtime/errors.ts';
import { type NamespaceReader, readNamespace } from './namespace.ts';
import { parseObject } from './publication.ts';
import { readSmallFile } from './safeFile.ts';

export class StoreError extends CodedError<'NO_MARKER' | 'NOT_EMPTY' | 'STORE_UNREADABLE'> {}

/** A volume that was seen to bear our mark. */
export interface Store {
  /** Its root, without symbolic links. */
  readonly root: string;
  /** The mark's id: another volume at the same place has another one. */
  readonly id: string;
  /** Undefined where the namespace has no tree. */
  namespace(namespace: string): Promise<NamespaceReader | undefined>;
  /** The uid of the namespace that a tree was made for. */
  namespaceUid(namespace: string): Promise<string | undefined>;
}

const marker = '_marker.json';
const markLimit = 4096;

/**
 * Opens the volume at `root`.
 * @throws {StoreError} `NO_MARKER` where the volume is away or not ours.
 */
export async function openStore(root: string): Promise<Store> {
  const place = await realpath(root).catch((cause: unknown) => {
    throw new StoreError(
      'NO_MARKER',
      `there is no folder ${root}; mount the volume that holds the images there`,
      {
        cause,
      },
    );
  });
  const id = parseObject((await readSmallFile(join(place, marker), markLimit)) ?? Buffer.alloc(0))?.['id'];
  if (typeof id !== 'string') {
    const message = `${root} has no ${marker}, so it is no volume of ours; --initialise marks an empty one`;
    throw new StoreError('NO_MARKER', message);
  }
  const namespaceUid = async (namespace: string): Promise<string | undefined> => {
    const bytes = await readSmallFile(join(place, namespace, '_namespace.json'), markLimit);
    const uid = bytes === undefined ? undefined : parseObject(bytes)?.['uid'];
    return typeof uid === 'string' ? uid : undefined;
  };
  return {
    root: place,
    id,
    namespaceUid,
    namespace: async (namespace) =>
      (await namespaceUid(namespace)) === undefined ? undefined : readNamespace(join(place, namespace)),
  };
}

/**
 * Marks an empty folder as a volume of ours, and makes it where it is missing; one that is marked stays as it is.
 * @throws {StoreError} `NOT_EMPTY` where the folder holds something else.
 */
export async function initialiseStore(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
    const entries = await readdir(root);
    if (entries.includes(marker)) return;
    if (entries.some((entry) => entry !== 'lost+found'))
      throw new StoreError(
        'NOT_EMPTY',
        `${root} is not empty and has no ${marker}; choose an empty folder, or one that was used before`,
      );
    await writeFile(join(root, marker), JSON.stringify({ v: 1, id: randomUUID() }), {
      flag: 'wx',
      flush: true,
    });
  } catch (cause) {
    // Two processes that start at once both find it empty; one of them writes the mark.
    if (cause instanceof StoreError) throw cause;
    if (hasErrno(cause, 'EEXIST')) return;
    throw new StoreError('STORE_UNREADABLE', `${root} cannot be made a volume: ${messageOf(cause)}`, {
      cause,
    });
  }
}
