import { type Digest, parseDigest } from '../digest.ts';

/** A layer as it is stored. */
export interface StoredLayer {
  readonly digest: Digest;
  /** Bytes as stored. */
  readonly size: number;
  /** Digest of the uncompressed tar. */
  readonly diffId: Digest;
  readonly mediaType: string;
}

/** Reads what a builder remembered of a layer; undefined where it is no such thing. */
export function parseLayer(bytes: Buffer | undefined): StoredLayer | undefined {
  if (bytes === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const digest = parseDigest(String(fields['digest']));
  const diffId = parseDigest(String(fields['diffId']));
  const { v, size, mediaType } = { v: fields['v'], size: fields['size'], mediaType: fields['mediaType'] };
  if (v !== 1 || digest === undefined || diffId === undefined) return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || typeof mediaType !== 'string')
    return undefined;
  return { digest, diffId, size, mediaType };
}
