import type { ObjectStore } from '../objects/objectStore.ts';

/** Makes what the hook and the builders need of a namespace; rejects while it cannot. */
export type EnsureNamespace = (namespace: string, uid: string) => Promise<void>;

/** Gives each namespace an object, and with it a uid, when it is first needed; then what belongs to it. */
export class Namespaces {
  readonly #store: ObjectStore;
  readonly #ensure: EnsureNamespace;
  readonly #made = new Map<string, Promise<void>>();

  constructor(store: ObjectStore, ensure: EnsureNamespace) {
    this.#store = store;
    this.#ensure = ensure;
  }

  /** Once for all who ask; after a failure once more. */
  async ensure(name: string): Promise<void> {
    const making = this.#made.get(name) ?? this.#make(name);
    this.#made.set(name, making);
    try {
      await making;
    } catch (error) {
      this.#made.delete(name);
      throw error;
    }
  }

  async #make(name: string): Promise<void> {
    const key = { kind: 'Namespace', namespace: '', name };
    const metadata = { name, namespace: '' };
    const object =
      this.#store.get(key) ?? (await this.#store.create({ apiVersion: 'v1', kind: key.kind, metadata }));
    if (object !== undefined) await this.#ensure(name, object.metadata.uid);
  }
}
