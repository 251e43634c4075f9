import { statfs } from 'node:fs/promises';
import { StoreError } from '../oci/store/errors.ts';
import { openStore, type Store } from '../oci/store/store.ts';
import { hasErrno } from '../runtime/errors.ts';
import { unavailable } from './problem.ts';

/** The volume, which may be absent now and there later. Each call throws a `Problem` `UNAVAILABLE` where it is away. */
export interface Volume {
  /**
   * Looks for one thing. What is found is there; that nothing was found counts only when the volume's mark is seen
   * afterwards, for of a volume that is gone every file is missing.
   */
  find<Result>(work: (store: Store) => Promise<Result | undefined>): Promise<Result | undefined>;
  /** Looks at what is no more than a hint; undefined where the volume has not been seen yet. */
  glance<Result>(work: (store: Store) => Promise<Result> | undefined): Promise<Result | undefined>;
  /** Looks at what is true only of a volume that is there: the mark is seen afterwards. */
  look<Result>(work: (store: Store) => Promise<Result>): Promise<Result>;
  /** Does what is true only of a volume that is there: the mark is seen before and afterwards. */
  see<Result>(work: (store: Store) => Promise<Result>): Promise<Result>;
  present(): Promise<boolean>;
  /** Bytes of the volume that are used, and that may still be written; NaN where it is away. */
  space(): Promise<{ readonly used: number; readonly free: number }>;
}

/** @param root the folder that the volume is mounted on. */
export function createVolume(root: string): Volume {
  let known: Store | undefined;

  const open = async (): Promise<Store> => {
    try {
      const store = await openStore(root, known === undefined ? {} : { id: known.marker.id });
      known ??= store;
      return store;
    } catch (cause) {
      throw unavailable(cause);
    }
  };
  const attempt = async <Result>(store: Store, work: (store: Store) => Promise<Result>): Promise<Result> => {
    try {
      return await work(store);
    } catch (error) {
      if (isStorageFailure(error)) throw unavailable(error);
      throw error;
    }
  };
  const markedAfter = async <Result>(
    store: Store,
    work: (store: Store) => Promise<Result>,
  ): Promise<Result> => {
    const result = await attempt(store, work);
    await open();
    return result;
  };

  return {
    async find(work) {
      const result = await attempt(known ?? (await open()), work);
      if (result === undefined) await open();
      return result;
    },
    async glance(work) {
      return known === undefined ? undefined : await attempt(known, async (store) => await work(store));
    },
    look: async (work) => await markedAfter(known ?? (await open()), work),
    see: async (work) => await markedAfter(await open(), work),
    space: () =>
      statfs(root).then(
        ({ blocks, bfree, bavail, bsize }) => ({ used: (blocks - bfree) * bsize, free: bavail * bsize }),
        () => ({ used: Number.NaN, free: Number.NaN }),
      ),
    present: () =>
      open().then(
        () => true,
        () => false,
      ),
  };
}

/** What says that the volume itself fails, such as a network file system whose server is gone. */
const failures = [
  'EIO',
  'ESTALE',
  'ENOTCONN',
  'EHOSTDOWN',
  'ETIMEDOUT',
  'EROFS',
  'ENOSPC',
  'EMFILE',
  'ENFILE',
];

function isStorageFailure(error: unknown): boolean {
  return error instanceof StoreError || failures.some((code) => hasErrno(error, code));
}
