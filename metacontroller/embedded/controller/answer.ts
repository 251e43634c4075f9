import { isRecord, nameOfType } from './json.ts';
import { SyncError } from './syncError.ts';

/** What a hook of a CompositeController answers: https://metacontroller.github.io/metacontroller/api/compositecontroller.html#sync-hook-response */
export interface HookAnswer {
  readonly status: Readonly<Record<string, unknown>>;
  readonly children: readonly AnsweredChild[];
  /** 0 for never. */
  readonly resyncAfterSeconds: number;
  readonly finalized: boolean;
}

/** A child as it was answered; what else it needs is seen when it is made. */
export interface AnsweredChild {
  readonly kind: string;
  readonly [field: string]: unknown;
}

const fields = ['status', 'children', 'resyncAfterSeconds', 'finalized'];

/**
 * Reads an answer as Metacontroller's decoder does (sigs.k8s.io/json): what is absent or null is empty, what is of
 * another type is an error. A field of another name is one too, as for hooks of version v2.
 * @throws {SyncError}
 */
export function parseAnswer(text: string): HookAnswer {
  const answer = parseJson(text) ?? {};
  if (!isRecord(answer)) throw wrongType('the answer', 'an object', answer);
  const status = answer['status'] ?? {};
  if (!isRecord(status)) throw wrongType('status', 'an object', status);
  const children = answer['children'] ?? [];
  if (!Array.isArray(children)) throw wrongType('children', 'a list', children);
  const resyncAfterSeconds = answer['resyncAfterSeconds'] ?? 0;
  if (typeof resyncAfterSeconds !== 'number')
    throw wrongType('resyncAfterSeconds', 'a number', resyncAfterSeconds);
  const finalized = answer['finalized'] ?? false;
  if (typeof finalized !== 'boolean') throw wrongType('finalized', 'true or false', finalized);
  const unknown = Object.keys(answer).find((field) => !fields.includes(field));
  if (unknown !== undefined)
    throw new SyncError('HOOK_ANSWER', `strict validation failed: unknown field ${JSON.stringify(unknown)}`);
  return { status, children: children.map(parseChild), resyncAfterSeconds, finalized };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SyncError('HOOK_ANSWER', "can't unmarshal webhookResponse: it is no JSON", { cause });
  }
}

function parseChild(child: unknown, index: number): AnsweredChild {
  const place = `children[${index}]`;
  if (!isRecord(child)) throw wrongType(place, 'an object', child);
  const { kind } = child;
  if (typeof kind !== 'string' || kind === '')
    throw new SyncError('HOOK_ANSWER', `can't unmarshal webhookResponse: ${place} has no kind`);
  return { ...child, kind };
}

function wrongType(what: string, wanted: string, value: unknown): SyncError {
  return new SyncError(
    'HOOK_ANSWER',
    `can't unmarshal webhookResponse: ${what} must be ${wanted}, not ${nameOfType(value)}`,
  );
}
