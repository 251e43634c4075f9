import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, Metadata, ObjectEvent, ObjectKey } from './kubeObject.ts';
import { keyOf, parseObject, textOf, timestamp } from './kubeObject.ts';
import { filesIn } from './readObjects.ts';

/** What of an object's metadata its creator says; the rest is the store's. */
export type NewMetadata = Pick<Metadata, 'name' | 'namespace'> &
  Partial<Pick<Metadata, 'labels' | 'annotations' | 'ownerReferences' | 'finalizers'>>;

export interface NewObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: NewMetadata;
  readonly [field: string]: unknown;
}

/** What a controller asks of the objects it looks after. */
export type Objects = Pick<ObjectStore, 'get' | 'list' | 'watch' | 'create' | 'update' | 'remove'>;

export type Listener = (event: ObjectEvent) => void;

/**
 * Objects in memory, with one JSON file each on disk, which is whole or not there. What is written is on disk before it
 * is told. One process at a time uses a folder.
 */
export class ObjectStore {
  readonly #folder: string;
  readonly #objects = new Map<string, KubeObject>();
  readonly #listeners = new Set<Listener>();
  #version = 0;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads what is there. A file that cannot be read is set aside as `<name>.unreadable`, and told. */
  static async open(folder: string, tell: (sentence: string) => void): Promise<ObjectStore> {
    const store = new ObjectStore(folder);
    await mkdir(folder, { recursive: true });
    const objects: KubeObject[] = [];
    for (const path of await filesIn(folder)) {
      const object = parseObject(await readFile(path, 'utf8'));
      if (object !== undefined) objects.push(object);
      else {
        await rename(path, `${path}.unreadable`);
        tell(`${path} held no object, so it is set aside as ${path}.unreadable; apply the manifest again`);
      }
    }
    for (const object of objects.sort(byArrival)) {
      store.#objects.set(textOf(keyOf(object)), object);
      store.#version = Math.max(store.#version, versionOf(object));
    }
    return store;
  }

  get(key: ObjectKey): KubeObject | undefined {
    const object = this.#objects.get(textOf(key));
    return key.uid === undefined || key.uid === object?.metadata.uid ? object : undefined;
  }

  /** In the order in which they were created. */
  all(): KubeObject[] {
    return [...this.#objects.values()];
  }

  /** Those of one kind, in the order in which they were created. */
  list(kind: string): KubeObject[] {
    return this.all().filter((object) => object.kind === kind);
  }

  /** Calls `listener` after each change; the answer ends it. */
  watch(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Undefined where the name is taken. */
  create(object: NewObject): Promise<KubeObject | undefined> {
    return this.#inTurn(async () => {
      if (this.#objects.has(textOf({ kind: object.kind, ...object.metadata }))) return undefined;
      const metadata: Metadata = {
        ...object.metadata,
        uid: randomUUID(),
        generation: 1,
        resourceVersion: this.#nextVersion(),
        creationTimestamp: timestamp(),
      };
      return await this.#put({ ...object, metadata }, 'Added');
    });
  }

  /**
   * Changes an object by a function of what it is now; nothing is written where that gives back the same. The
   * generation rises with a change of anything but metadata and status. An object that is being deleted and has no
   * finalizer any more goes.
   * @returns the object as it is then, or as it went; undefined where there is none.
   */
  update(key: ObjectKey, change: (object: KubeObject) => KubeObject): Promise<KubeObject | undefined> {
    return this.#inTurn(async () => {
      const before = this.get(key);
      if (before === undefined) return undefined;
      const after = change(before);
      if (isDeepStrictEqual(before, after)) return before;
      const isNewer = !isDeepStrictEqual(specOf(before), specOf(after));
      const isGoing = before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp;
      const metadata = {
        ...after.metadata,
        generation: before.metadata.generation + (isNewer || isGoing ? 1 : 0),
        resourceVersion: this.#nextVersion(),
      };
      const object = { ...after, metadata };
      if (metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0)
        return await this.#drop(object);
      return await this.#put(object, 'Modified');
    });
  }

  /** Marks an object for deletion; without finalizers it goes at once. */
  async remove(key: ObjectKey): Promise<void> {
    await this.update(key, (object) =>
      object.metadata.deletionTimestamp !== undefined
        ? object
        : { ...object, metadata: { ...object.metadata, deletionTimestamp: timestamp() } },
    );
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#writing.then(work);
    this.#writing = done.catch(() => {});
    return done;
  }

  async #put(object: KubeObject, type: 'Added' | 'Modified'): Promise<KubeObject> {
    const path = this.#path(keyOf(object));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, `${JSON.stringify(object)}\n`, { mode: 0o600, flush: true });
    await rename(`${path}.new`, path);
    this.#objects.set(textOf(keyOf(object)), object);
    this.#tell({ type, object });
    return object;
  }

  async #drop(object: KubeObject): Promise<KubeObject> {
    await rm(this.#path(keyOf(object)), { force: true });
    this.#objects.delete(textOf(keyOf(object)));
    this.#tell({ type: 'Deleted', object });
    return object;
  }

  #tell(event: ObjectEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #nextVersion(): string {
    this.#version += 1;
    return String(this.#version);
  }

  #path({ kind, namespace, name }: ObjectKey): string {
    return join(this.#folder, kind, namespace === '' ? '_' : namespace, `${name}.json`);
  }
}

function specOf({ metadata: _metadata, status: _status, ...spec }: KubeObject): unknown {
  return spec;
}

/** Of two objects of one second the one that was written last counts as the later. */
function byArrival(one: KubeObject, other: KubeObject): number {
  const created = Date.parse(one.metadata.creationTimestamp) - Date.parse(other.metadata.creationTimestamp);
  return created === 0 ? versionOf(one) - versionOf(other) : created;
}

function versionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion) || 0;
}
