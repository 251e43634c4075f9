import { field } from './field.ts';

/** What an image is newly said to be. */
export interface StatusChange {
  readonly state: string;
  /** Of the condition `Ready`. */
  readonly reason: string;
}

/**
 * What a status newly says; undefined where it was said before. Another attempt that fails of the same is new.
 * @param before the status in the request.
 * @param now the status in the answer.
 */
export function statusChange(before: unknown, now: unknown): StatusChange | undefined {
  const change = saidIn(now);
  if (change === undefined) return undefined;
  const old = saidIn(before);
  const isSaid =
    old?.state === change.state &&
    old.reason === change.reason &&
    attempt(before, 'ordinal') === attempt(now, 'ordinal') &&
    attempt(before, 'attempt') === attempt(now, 'attempt');
  return isSaid ? undefined : change;
}

function attempt(status: unknown, name: 'ordinal' | 'attempt'): unknown {
  return field(field(status, 'build'), name);
}

function saidIn(status: unknown): StatusChange | undefined {
  const [state, conditions] = [field(status, 'state'), field(status, 'conditions')];
  if (typeof state !== 'string' || !Array.isArray(conditions)) return undefined;
  const reason = field(
    conditions.find((each) => field(each, 'type') === 'Ready'),
    'reason',
  );
  return typeof reason === 'string' ? { state, reason } : undefined;
}
