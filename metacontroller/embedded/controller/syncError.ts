import { CodedError } from '../../../runtime/errors.ts';

/** Why a round came to nothing; the message is what Metacontroller's event on the object would say. */
export class SyncError extends CodedError<
  'HOOK_UNREACHABLE' | 'HOOK_REFUSED' | 'HOOK_BUSY' | 'HOOK_ANSWER' | 'CHILDREN_FAILED'
> {}
