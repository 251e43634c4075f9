import { resolve } from 'node:path';
import { initialiseStore, openStore, type Store } from '../../oci/store/store.ts';
import { CodedError, messageOf } from '../../runtime/errors.ts';

export class LocalStoreError extends CodedError<'STORE_UNUSABLE'> {}

export interface LocalStore {
  readonly store: Store;
  /** Path of the namespace's tree. */
  readonly tree: string;
}

/** The owner of namespaces that no cluster made. */
const localOwner = 'local';

/**
 * Opens the store of a single machine, and makes it where it is missing.
 * @throws {LocalStoreError} where the folder cannot be used.
 */
export async function openLocalStore(folder: string, namespace: string): Promise<LocalStore> {
  const root = resolve(folder);
  try {
    await initialiseStore(root);
    const store = await openStore(root);
    // A tree that `up` made for its own namespace is used as it is: a new one would set it aside.
    if ((await store.owner(namespace)) === undefined) await store.createNamespace(namespace, localOwner);
    return { store, tree: store.treePath(namespace) };
  } catch (cause) {
    throw new LocalStoreError(
      'STORE_UNUSABLE',
      `the store ${root} cannot be used (${messageOf(cause)}): choose another folder with --store DIR.`,
      { cause },
    );
  }
}
