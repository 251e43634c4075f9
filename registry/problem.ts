import { CodedError } from '../runtime/errors.ts';

/**
 * The distribution API's error codes, with their statuses.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 * Those from RANGE_INVALID on stand in no table there; clients treat unknown codes by the status alone.
 */
const statuses = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DENIED: 403,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 413,
  UNAUTHORIZED: 401,
  RANGE_INVALID: 416,
  TOOMANYREQUESTS: 429,
  UNSUPPORTED: 405,
  PAGINATION_NUMBER_INVALID: 400,
  UNAVAILABLE: 503,
  UNKNOWN: 500,
} as const;

export type ProblemCode = keyof typeof statuses;

/** Why a request is not answered as it was asked. The message is shown by the client to its user. */
export class Problem extends CodedError<ProblemCode> {
  readonly detail: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    message: string,
    detail: Readonly<Record<string, string>> = {},
    options?: { readonly cause?: unknown },
  ) {
    super(code, message, options);
    this.detail = detail;
  }

  get status(): number {
    return statuses[this.code];
  }
}

/** The volume that holds the images cannot be seen: nothing is known about any image. */
export function unavailable(cause?: unknown): Problem {
  return new Problem(
    'UNAVAILABLE',
    'the volume that holds the images cannot be read now; try again, or ask who runs this registry',
    {},
    { cause },
  );
}
