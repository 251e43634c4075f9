import { CodedError } from '../runtime/errors.ts';

/** The command line cannot be understood; the exit code is 2. */
export class UsageError extends CodedError<'USAGE'> {
  constructor(message: string) {
    super('USAGE', message);
  }
}
