import { StoreError } from '../../oci/store/errors.ts';
import { PushTree } from '../../oci/store/push/pushTree.ts';
import type { Repository } from '../path.ts';
import { Problem } from '../problem.ts';
import type { Volume } from '../volume.ts';

/** What pushing needs of the store: the tree of a repository's own namespace, and never another's. */
export interface Pushing {
  /** @throws {Problem} `NAME_UNKNOWN` where the namespace has no tree, `DIGEST_INVALID`, `DENIED`, `UNAVAILABLE`. */
  into<Result>(repository: Repository, work: (tree: PushTree) => Promise<Result>): Promise<Result>;
}

export function createPushing(volume: Volume): Pushing {
  return {
    into: ({ namespace, text }, work) =>
      volume.see(async (store) => {
        if ((await store.owner(namespace)) === undefined)
          throw new Problem(
            'NAME_UNKNOWN',
            `there is no namespace ${namespace} here, so nothing can be pushed to ${text}`,
          );
        return await work(new PushTree(store.treePath(namespace))).catch((error: unknown) => {
          throw error instanceof StoreError ? asProblem(error) : error;
        });
      }),
  };
}

function asProblem(error: StoreError): unknown {
  switch (error.code) {
    case 'BLOB_MISMATCH':
      return new Problem('DIGEST_INVALID', error.message, {}, { cause: error });
    case 'CONFLICT':
      return new Problem('DENIED', 'something else is in the place of what is pushed', {}, { cause: error });
    case 'STORE_UNAVAILABLE':
    case 'NAMESPACE_MISSING':
      return error;
  }
}
