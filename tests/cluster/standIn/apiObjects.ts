import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../../metacontroller/embedded/controller/json.ts';
import {
  type KubeObject,
  keyOf,
  type ObjectEvent,
  type ObjectKey,
  parseObject,
  textOf,
} from '../../../metacontroller/embedded/objects/kubeObject.ts';
import type { Listener, NewObject, Objects } from '../../../metacontroller/embedded/objects/objectStore.ts';
import { messageOf } from '../../../runtime/errors.ts';
import { ApiError, type ApiServer } from './apiServer.ts';
import { apiVersionOf, type Kind, kinds, listPath, pathOf } from './resources.ts';

/** Milliseconds before a list is asked for again. */
const pause = 300;

/** The objects of a real API server, as the embedded stand-in knows those of its own: seen by watches, written at once. */
export class ApiObjects implements Objects {
  readonly #api: ApiServer;
  readonly #objects = new Map<string, KubeObject>();
  /** The uids of what was deleted: an answer to a request may come after the watch has told. */
  readonly #gone = new Set<string>();
  readonly #listeners = new Set<Listener>();
  readonly #say: (sentence: string) => void;

  private constructor(api: ApiServer, say: (sentence: string) => void) {
    this.#api = api;
    this.#say = say;
  }

  /** Follows every kind until `signal`; each has been listed when this resolves. */
  static async open(api: ApiServer, signal: AbortSignal, say: (sentence: string) => void) {
    const objects = new ApiObjects(api, say);
    await Promise.all(
      kinds.map((kind) => new Promise<void>((resolve) => void objects.#follow(kind, signal, resolve))),
    );
    return objects;
  }

  get(key: ObjectKey): KubeObject | undefined {
    const object = this.#objects.get(textOf(key));
    return key.uid === undefined || key.uid === object?.metadata.uid ? object : undefined;
  }

  list(kind: string): KubeObject[] {
    return [...this.#objects.values()].filter((object) => object.kind === kind);
  }

  watch(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Has the listeners look at an object that is as it was, for something else has changed that matters to it. */
  touch(key: ObjectKey): void {
    const object = this.get(key);
    if (object !== undefined) this.#tell({ type: 'Modified', object });
  }

  async create(object: NewObject): Promise<KubeObject | undefined> {
    const path = pathOf({ ...object, ...object.metadata, name: '' });
    const made = await this.#orNothing(409, () => this.#api.ask('POST', path, object));
    return made === undefined ? undefined : this.#put(objectOf(made));
  }

  async update(key: ObjectKey, change: (object: KubeObject) => KubeObject): Promise<KubeObject | undefined> {
    for (let before = this.get(key); before !== undefined; before = await this.#read(key)) {
      const after = change(before);
      if (isDeepStrictEqual(before, after)) return before;
      const isStatus = !isDeepStrictEqual(before['status'], after['status']);
      const path = pathOf(key) + (isStatus ? '/status' : '');
      const written = await this.#orNothing(409, () => this.#api.ask('PUT', path, after));
      if (written !== undefined) return this.#put(objectOf(written));
    }
    return undefined;
  }

  async remove(key: ObjectKey): Promise<void> {
    const preconditions = key.uid === undefined ? {} : { preconditions: { uid: key.uid } };
    const options = { propagationPolicy: 'Background', ...preconditions };
    await this.#orNothing(404, () => this.#api.ask('DELETE', pathOf(key), options));
  }

  async #read(key: ObjectKey): Promise<KubeObject | undefined> {
    const read = await this.#orNothing(404, () => this.#api.ask('GET', pathOf(key)));
    return read === undefined ? undefined : this.#put(objectOf(read));
  }

  async #orNothing<Value>(status: number, work: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ApiError && error.status === status) return undefined;
      throw error;
    }
  }

  /** Lists, and watches from there, again and again: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
  async #follow(kind: Kind, signal: AbortSignal, listed: () => void): Promise<void> {
    while (!signal.aborted) {
      try {
        const version = await this.#list(kind);
        listed();
        const query = `?watch=true&resourceVersion=${version}`;
        for await (const event of this.#api.watch(listPath(kind) + query, signal)) {
          if (event['type'] === 'ERROR') break;
          if (event['type'] === 'DELETED') this.#drop(objectOf(event['object']));
          else this.#put(objectOf(event['object']));
        }
      } catch (error) {
        // The kind may come later, or come again.
        const isUnknown = error instanceof ApiError && error.status === 404;
        if (isUnknown) this.#keep(kind, new Set());
        if (isUnknown) listed();
        else if (!signal.aborted) this.#say(`${kind}: ${messageOf(error)}`);
      }
      await delay(pause, undefined, { signal }).catch(() => {});
    }
  }

  async #list(kind: Kind): Promise<string> {
    const { items, metadata } = await this.#api.ask('GET', listPath(kind));
    if (!Array.isArray(items) || !isRecord(metadata)) throw new Error(`${kind}: no list`);
    const objects = items.map((item) => objectOf({ ...item, kind, apiVersion: apiVersionOf(kind) }));
    this.#keep(kind, new Set(objects.map((object) => object.metadata.uid)));
    for (const object of objects) this.#put(object);
    return String(metadata['resourceVersion']);
  }

  /** Of a kind, those only; what has gone while nobody watched is told. */
  #keep(kind: Kind, uids: ReadonlySet<string>): void {
    for (const object of this.list(kind)) if (!uids.has(object.metadata.uid)) this.#drop(object);
  }

  #put(object: KubeObject): KubeObject {
    const name = textOf(keyOf(object));
    const known = this.#objects.get(name);
    // The watch brings what was written here once more.
    if (known !== undefined && versionOf(known) >= versionOf(object)) return object;
    if (this.#gone.has(object.metadata.uid)) return object;
    this.#objects.set(name, object);
    this.#tell({ type: known === undefined ? 'Added' : 'Modified', object });
    return object;
  }

  #drop(object: KubeObject): void {
    this.#gone.add(object.metadata.uid);
    if (this.get(keyOf(object)) === undefined) return;
    this.#objects.delete(textOf(keyOf(object)));
    this.#tell({ type: 'Deleted', object });
  }

  #tell(event: ObjectEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** What is in no namespace has an empty one here. */
function objectOf(value: unknown): KubeObject {
  const object = parseObject(JSON.stringify(value));
  if (object === undefined) throw new Error('the API server answered with something that is no object');
  return { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? '' } };
}

function versionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion);
}
