import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CodedError, hasErrno } from '../runtime/errors.ts';
import { quantity } from '../runtime/quantity.ts';
import { BuildError } from './errors.ts';

/** The floor where nobody sets one: 512 MiB. */
export const defaultMinimumFree = 512 * 1024 * 1024;

export class SizeError extends CodedError<'INVALID_SIZE'> {
  constructor(message: string) {
    super('INVALID_SIZE', message);
  }
}

/**
 * Bytes of a Kubernetes quantity: `512Mi`, `1G`, `1000`.
 * @throws {SizeError} where `text` is none.
 */
export function parseSize(text: string): number {
  const bytes = quantity(text);
  if (bytes === undefined || !Number.isSafeInteger(bytes))
    throw new SizeError(`${JSON.stringify(text)} is no size; write bytes, or 512Mi, or 2G`);
  return bytes;
}

/** Bytes that this process may still write where `path` is, or will be. */
export async function freeBytesAt(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    if (hasErrno(error, 'ENOENT') && dirname(path) !== path) return freeBytesAt(dirname(path));
    throw error;
  }
}

/**
 * Fails where a place has less free space than the floor: a build that fills a disk harms all others on it.
 * @throws {BuildError} `DiskFull`, with the figures.
 */
export function requireFree(place: string, freeBytes: number, minimum: number): void {
  if (freeBytes >= minimum) return;
  throw new BuildError(
    'DiskFull',
    `${place} has ${inMebibytes(freeBytes)} free and a build needs at least ${inMebibytes(minimum)}; make room there, or set NIXIMAGE_MIN_FREE lower`,
    { transient: true },
  );
}

function inMebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
