import { unavailable } from './problem.ts';
import { isStorageFailure } from './store/safeFile.ts';
import { openStore, type Store } from './store/store.ts';

/** The volume, which may be absent now and there later. Each call throws a `Problem` `UNAVAILABLE` where it is away. */
export interface Volume {
  /**
   * Looks for one thing. What is found is there; that nothing was found counts only when the volume's mark is seen
   * afterwards, for of a volume that is gone every file is missing.
   */
  find<Result>(work: (store: Store) => Promise<Result | undefined>): Promise<Result | undefined>;
  /** Does what is true only of a volume that is there: the mark is seen before and afterwards. */
  see<Result>(work: (store: Store) => Promise<Result>): Promise<Result>;
  present(): Promise<boolean>;
}

/** @param root the folder that the volume is mounted on. */
export function createVolume(root: string): Volume {
  let known: Store | undefined;

  const open = async (): Promise<Store> => {
    const store = await openStore(root).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (known !== undefined && known.id !== store.id)
      throw unavailable(new Error(`the volume at ${root} is ${store.id}, and was ${known.id}`));
    known ??= store;
    return store;
  };
  const attempt = async <Result>(store: Store, work: (store: Store) => Promise<Result>): Promise<Result> => {
    try {
      return await work(store);
    } catch (error) {
      if (isStorageFailure(error)) throw unavailable(error);
      throw error;
    }
  };

  return {
    async find(work) {
      const result = await attempt(known ?? (await open()), work);
      if (result === undefined) await open();
      return result;
    },
    async see(work) {
      const result = await attempt(await open(), work);
      await open();
      return result;
    },
    present: () =>
      open().then(
        () => true,
        () => false,
      ),
  };
}
