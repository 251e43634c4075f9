import { CodedError } from '../../runtime/errors.ts';

/**
 * `STORE_UNAVAILABLE`: the volume is not there, or is another one. `NAMESPACE_MISSING`: the namespace has no tree.
 * `CONFLICT`: a file of that name has other bytes. `BLOB_MISMATCH`: bytes do not hash to their name.
 */
export type StoreErrorCode = 'STORE_UNAVAILABLE' | 'NAMESPACE_MISSING' | 'CONFLICT' | 'BLOB_MISMATCH';

export class StoreError extends CodedError<StoreErrorCode> {}
