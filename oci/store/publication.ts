import { type Digest, parseDigest } from '../digest.ts';

/** One publication of a tag: which image it was given, and by which build. */
export interface Publication {
  /** Digest of the manifest. */
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes of the manifest. */
  readonly manifestSize: number;
  /** Bytes of the config and all layers, as stored. */
  readonly size: number;
  /** creationTimestamp of the NixImage, RFC 3339. */
  readonly created: string;
  /** The build's number among those of the NixImage, from 1. */
  readonly ordinal: number;
  /** uid of the NixImage. */
  readonly uid: string;
  readonly inputHash: string;
}

export type PublicationName = Pick<Publication, 'created' | 'ordinal' | 'uid' | 'inputHash'>;

/** Most bytes that a publication's file can have. */
export const publicationLimit = 4096;

/** https://www.rfc-editor.org/rfc/rfc3339#section-5.6, as Kubernetes writes it; a time without its zone is none. */
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
const name = /^\d{14}-\d{10}-[0-9A-Za-z-]{1,64}-[0-9a-f]{8,64}$/;

/**
 * The file's name: of two publications of a tag, the one with the greater name is the newer.
 * @throws {RangeError} where a part is not what its field says.
 */
export function publicationName({ created, ordinal, uid, inputHash }: PublicationName): string {
  const text = `${timeDigits(created)}-${String(ordinal).padStart(10, '0')}-${uid}-${inputHash}`;
  if (!name.test(text)) throw new RangeError(`no name of a publication: ${text}`);
  return text;
}

/** Years have four digits in a name; an offset may lead out of them. */
function timeDigits(created: string): string {
  const iso = time.test(created) ? new Date(created).toISOString() : '';
  if (!/^\d{4}-/.test(iso)) throw new RangeError(`no time of a publication: ${created}`);
  return iso.replace(/\D/g, '').slice(0, 14);
}

export function isPublicationName(text: string): boolean {
  return name.test(text);
}

export function encodePublication(publication: Publication): Buffer {
  const { digest, mediaType, manifestSize, size, created, ordinal, uid, inputHash } = publication;
  return Buffer.from(
    `${JSON.stringify({ v: 1, digest, mediaType, manifestSize, size, created, ordinal, uid, inputHash })}\n`,
  );
}

/** Reads a file that a tenant may have written; undefined where it is no publication, or not the one of that name. */
export function parsePublication(fileName: string, bytes: Uint8Array): Publication | undefined {
  const value = parseJson(bytes);
  if (typeof value !== 'object' || value === null || !('v' in value) || value.v !== 1) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const { digest, mediaType, created, uid, inputHash } = fields;
  const [manifestSize, size, ordinal] = [fields['manifestSize'], fields['size'], fields['ordinal']].map(
    natural,
  );
  if (typeof digest !== 'string' || typeof mediaType !== 'string' || typeof created !== 'string')
    return undefined;
  if (typeof uid !== 'string' || typeof inputHash !== 'string') return undefined;
  if (manifestSize === undefined || size === undefined || ordinal === undefined) return undefined;
  const parsed = parseDigest(digest);
  if (parsed === undefined) return undefined;
  const publication = { digest: parsed, mediaType, manifestSize, size, created, ordinal, uid, inputHash };
  return nameOrNothing(publication) === fileName ? publication : undefined;
}

function nameOrNothing(publication: Publication): string | undefined {
  try {
    return publicationName(publication);
  } catch {
    return undefined;
  }
}

function natural(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
