import type { BuildFailed, FailureReason } from '../runtime/contract/report.ts';
import { CodedError } from '../runtime/errors.ts';

/** What a report may say besides its reason and message. */
export interface FailureDetails {
  readonly attribute?: string;
  readonly logTail?: string;
  /** Whether the same build may well succeed when it is tried again with nothing changed; default false. */
  readonly transient?: boolean;
  readonly cause?: unknown;
}

/** A build that ends without an image, for a reason that a report can carry. */
export class BuildError extends CodedError<FailureReason> {
  readonly details: FailureDetails;

  constructor(reason: FailureReason, message: string, details: FailureDetails = {}) {
    super(reason, message, details.cause === undefined ? {} : { cause: details.cause });
    this.details = details;
  }

  report(): BuildFailed {
    const { attribute, logTail, transient } = this.details;
    return {
      v: 1,
      result: 'Failed',
      reason: this.code,
      message: this.message,
      ...(attribute === undefined ? {} : { attribute }),
      ...(logTail === undefined || logTail === '' ? {} : { logTail }),
      transient: transient ?? false,
    };
  }
}
