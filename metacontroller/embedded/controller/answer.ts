import { CodedError } from '../../../runtime/errors.ts';

/** The hook did not answer as Metacontroller wants it; the message is what an event on the object would say. */
export class SyncError extends CodedError<'HOOK_UNREACHABLE' | 'HOOK_REFUSED' | 'HOOK_ANSWER'> {
  /** Seconds that the hook asked to wait. */
  readonly retryAfter?: number;

  constructor(
    code: SyncError['code'],
    message: string,
    options: { cause?: unknown; retryAfter?: number } = {},
  ) {
    super(code, message, options);
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }
}

export interface DesiredChild {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export interface HookAnswer {
  readonly status: Readonly<Record<string, unknown>> | undefined;
  readonly children: readonly DesiredChild[];
  readonly resyncAfterSeconds: number;
  readonly finalized: boolean;
}

const fields = ['status', 'children', 'resyncAfterSeconds', 'finalized'];

/**
 * Reads an answer strictly, as hooks of version v2 are read.
 * @throws {SyncError}
 */
export function parseAnswer(text: string): HookAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SyncError('HOOK_ANSWER', "can't unmarshal webhookResponse: it is no JSON", { cause });
  }
  if (!isObject(value))
    throw new SyncError('HOOK_ANSWER', "can't unmarshal webhookResponse: it is no object");
  const unknown = Object.keys(value).find((field) => !fields.includes(field));
  if (unknown !== undefined)
    throw new SyncError('HOOK_ANSWER', `strict validation failed: unknown field ${JSON.stringify(unknown)}`);
  const { status, children, resyncAfterSeconds, finalized } = value as {
    [Name in 'status' | 'children' | 'resyncAfterSeconds' | 'finalized']?: unknown;
  };
  const list = children ?? [];
  if (!Array.isArray(list) || !list.every(isChild))
    throw new SyncError(
      'HOOK_ANSWER',
      'children must be a list of objects with apiVersion, kind and metadata.name',
    );
  return {
    status: isObject(status) ? status : undefined,
    children: list,
    resyncAfterSeconds: typeof resyncAfterSeconds === 'number' ? resyncAfterSeconds : 0,
    finalized: finalized === true,
  };
}

function isChild(value: unknown): value is DesiredChild {
  return (
    isObject(value) &&
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    isObject(value['metadata']) &&
    typeof value['metadata']['name'] === 'string'
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
