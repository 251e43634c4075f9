/** The content of a publication's file (`docs/architecture.md`, "The store on the volume"). */
export interface Publication {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  readonly ordinal: number;
  readonly uid: string;
  readonly inputHash: string;
}

const namePattern = /^\d{14}-\d{10}-[0-9a-zA-Z-]{1,64}-[0-9a-f]{1,128}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** The names of publications among a folder's entries, the newest first. */
export function newestFirst(entries: readonly string[]): string[] {
  return entries
    .filter((entry) => namePattern.test(entry))
    .toSorted()
    .toReversed();
}

/** The ordinal that a publication's name tells; it counts even where its content is broken. */
export function ordinalOf(name: string): number {
  return Number(name.split('-')[1]);
}

/** Undefined where the bytes are no publication. */
export function parsePublication(bytes: Buffer): Publication | undefined {
  const value = parseObject(bytes);
  if (value === undefined || value['v'] !== 1) return undefined;
  const { digest, mediaType, size, ordinal, uid, inputHash } = value;
  if (typeof digest !== 'string' || !digestPattern.test(digest)) return undefined;
  if (typeof mediaType !== 'string' || typeof uid !== 'string' || typeof inputHash !== 'string')
    return undefined;
  if (!isCount(size) || !isCount(ordinal)) return undefined;
  return { digest, mediaType, size, ordinal, uid, inputHash };
}

/** The JSON object in the bytes; undefined where there is none. */
export function parseObject(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
