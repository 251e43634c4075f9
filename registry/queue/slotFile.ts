import { readFile, rename, writeFile } from 'node:fs/promises';
import { hasErrno } from '../../runtime/errors.ts';
import type { Placed } from './claim.ts';
import { parseProduct } from './slotUse.ts';

/** The slots that an earlier keeper had handed out; none where it left no file, or one that says something else. */
export async function readSlots(path: string): Promise<readonly Placed[]> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const slots = isObject(value) && value['v'] === 1 ? value['slots'] : undefined;
    return Array.isArray(slots) ? slots.filter(isPlaced) : [];
  } catch (error) {
    if (error instanceof SyntaxError || hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Replaces the file as a whole. Only the keeper writes in the volume's root, and one at a time. */
export async function writeSlots(path: string, slots: readonly Placed[]): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify({ v: 1, slots })}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function isPlaced(value: unknown): value is Placed {
  return (
    isObject(value) &&
    ['namespace', 'name', 'pod'].every((name) => typeof value[name] === 'string') &&
    ['since', 'grantedAt', 'idleFrom', 'seenAt'].every((name) => typeof value[name] === 'number') &&
    typeof value['running'] === 'boolean' &&
    (value['product'] === undefined || parseProduct(value['product']) !== undefined)
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
