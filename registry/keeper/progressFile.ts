import type { Activity, Progress } from '../../runtime/contract/progress.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Reads what a builder wrote; undefined where it is no progress. Only the fields of the contract are passed on. */
export function parseProgress(bytes: Buffer): Progress | undefined {
  const value = parseObject(bytes);
  if (value === undefined || value['v'] !== 1) return undefined;
  const { pod, at } = value;
  const activity = parseActivity(value['activity']);
  if (typeof pod !== 'string' || typeof at !== 'string' || activity === undefined) return undefined;
  return { v: 1, pod, activity, at };
}

function parseActivity(value: unknown): Activity | undefined {
  if (!isObject(value)) return undefined;
  const { kind, done, expected, name, bytes } = value;
  switch (kind) {
    case 'Evaluating':
    case 'Publishing':
      return { kind };
    case 'Fetching':
      return isCount(done) && isCount(expected) ? { kind, done, expected } : undefined;
    case 'WritingLayers':
      if (!isCount(done) || !isCount(expected)) return undefined;
      return { kind, done, expected, bytes: isCount(bytes) ? bytes : 0 };
    case 'Building':
      if (!isCount(done) || !isCount(expected)) return undefined;
      return typeof name === 'string' ? { kind, done, expected, name } : { kind, done, expected };
    default:
      return undefined;
  }
}

function parseObject(bytes: Buffer): Fields | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
