import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno, messageOf } from '../../runtime/errors.ts';
import { isNamespace } from '../names.ts';
import { removeFile } from './appear.ts';
import { emptyTrash } from './emptyTrash.ts';
import { StoreError } from './errors.ts';
import { markerFile, namespaceFile, treeFolders } from './layout.ts';
import { NamespaceReader } from './reader.ts';
import { readRegular } from './safeFiles.ts';

/** What marks a volume as a store of images: without it, an empty mount point would look like a store that lost all. */
export interface StoreMarker {
  readonly v: 1;
  readonly id: string;
}

const smallLimit = 4096;

/** Marks an empty folder as a store; one that is marked already keeps its id. */
export async function initialiseStore(root: string): Promise<StoreMarker> {
  await mkdir(root, { recursive: true });
  const known = await findMarker(root);
  if (known !== undefined) return known;
  const marker: StoreMarker = { v: 1, id: randomUUID() };
  // It appears whole or not at all: a volume with half a mark would be nobody's for good.
  const temporary = join(root, `${markerFile}.${marker.id}`);
  try {
    await writeFile(temporary, `${JSON.stringify(marker)}\n`, { flag: 'wx', mode: 0o644, flush: true });
    await link(temporary, join(root, markerFile));
    return marker;
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
    return await readMarker(root);
  } finally {
    await removeFile(temporary);
  }
}

/**
 * Opens a store.
 * @param options.id refuses another volume than the one with this id.
 * @throws {StoreError} `STORE_UNAVAILABLE`
 */
export async function openStore(root: string, options: { readonly id?: string } = {}): Promise<Store> {
  const canonical = await realpath(root).catch((cause: unknown) => {
    throw new StoreError('STORE_UNAVAILABLE', `the store ${root} is not there: ${messageOf(cause)}`, {
      cause,
    });
  });
  const marker = await readMarker(canonical);
  if (options.id !== undefined && options.id !== marker.id)
    throw new StoreError(
      'STORE_UNAVAILABLE',
      `${root} is another store: its id is ${marker.id}, not ${options.id}`,
    );
  return new Store(canonical, marker);
}

async function readMarker(root: string): Promise<StoreMarker> {
  const marker = await findMarker(root);
  if (marker !== undefined) return marker;
  throw new StoreError(
    'STORE_UNAVAILABLE',
    `${root} has no ${markerFile}, so it is no store of images; is the volume mounted? A new one is marked by \`niximage registry keeper --initialise\``,
  );
}

async function findMarker(root: string): Promise<StoreMarker | undefined> {
  const value = parseObject(await readRegular(join(root, markerFile), smallLimit));
  if (value?.['v'] !== 1 || typeof value['id'] !== 'string') return undefined;
  return { v: 1, id: value['id'] };
}

export class Store {
  readonly marker: StoreMarker;
  readonly #root: string;

  constructor(root: string, marker: StoreMarker) {
    this.#root = root;
    this.marker = marker;
  }

  /** Whether the volume is still there, and still this one. */
  async isThere(): Promise<boolean> {
    const value = parseObject(await readRegular(join(this.#root, markerFile), smallLimit));
    return value?.['id'] === this.marker.id;
  }

  /** Undefined where the namespace has no tree. */
  async namespace(namespace: string): Promise<NamespaceReader | undefined> {
    const owner = await this.owner(namespace);
    return owner === undefined ? undefined : new NamespaceReader(join(this.#root, namespace));
  }

  /** For what needs no answer to whether the namespace has a tree. */
  reader(namespace: string): NamespaceReader | undefined {
    return isNamespace(namespace) ? new NamespaceReader(join(this.#root, namespace)) : undefined;
  }

  /** uid of the namespace that a tree was made for. */
  async owner(namespace: string): Promise<string | undefined> {
    if (!isNamespace(namespace)) return undefined;
    return await ownerOf(join(this.#root, namespace));
  }

  /** Path of a namespace's tree: what a builder mounts. */
  treePath(namespace: string): string {
    if (!isNamespace(namespace)) throw new RangeError(`no namespace can be called ${namespace}`);
    return join(this.#root, namespace);
  }

  /**
   * Makes a namespace's tree. One that was made for an earlier namespace of that name is moved into the root's trash
   * first, so that the later one inherits nothing.
   */
  async createNamespace(namespace: string, uid: string): Promise<'made' | 'there'> {
    const tree = this.treePath(namespace);
    if ((await ownerOf(tree)) === uid) return 'there';
    const fresh = join(this.#root, `_new-${randomUUID()}`);
    try {
      await makeTree(fresh, uid);
      for (;;) {
        if (await renameUnless(inTheWay, fresh, tree)) return 'made';
        // Another keeper made it at the same time.
        if ((await ownerOf(tree)) === uid) return 'there';
        await this.#setAside(tree);
      }
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }

  async #setAside(tree: string): Promise<void> {
    const trash = this.#trash;
    await mkdir(trash, { recursive: true, mode: 0o700 });
    await renameUnless(['ENOENT'], tree, join(trash, randomUUID()));
  }

  /** Removes trees that were set aside a day ago. @returns how many folders were emptied. */
  async emptyTrash(): Promise<number> {
    return await emptyTrash(this.#trash);
  }

  get #trash(): string {
    return join(this.#root, '_trash');
  }

  /** Names of the namespaces that have a tree. */
  async namespaces(): Promise<string[]> {
    const entries = await readdir(this.#root, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && isNamespace(entry.name)).map(({ name }) => name);
  }
}

/** What says that a tree is there already, or something else of its name. */
const inTheWay = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'];

/** @returns false where the file system refused for one of these reasons. */
async function renameUnless(codes: readonly string[], from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codes.some((code) => hasErrno(error, code))) return false;
    throw error;
  }
}

/** Mode 2770: builders and the keeper share a group, and nobody else reads. */
async function makeTree(path: string, uid: string): Promise<void> {
  for (const folder of ['.', 'blobs', ...treeFolders]) {
    await mkdir(join(path, folder), { recursive: true });
    await chmod(join(path, folder), 0o2770);
  }
  await writeFile(join(path, namespaceFile), `${JSON.stringify({ v: 1, uid })}\n`, { mode: 0o640 });
}

/** uid of the namespace that the tree at `path` was made for; undefined where there is no tree. */
export async function ownerOf(path: string): Promise<string | undefined> {
  const value = parseObject(await readRegular(join(path, namespaceFile), smallLimit));
  return value?.['v'] === 1 && typeof value['uid'] === 'string' ? value['uid'] : undefined;
}

function parseObject(bytes: Buffer | undefined): Readonly<Record<string, unknown>> | undefined {
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
