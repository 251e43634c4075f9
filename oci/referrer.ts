import { type Digest, parseDigest } from './digest.ts';
import type { ParsedManifest } from './manifest.ts';

/** A manifest as it stands in the list of those that refer to its subject. */
export interface Referrer {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes of the manifest. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a manifest refers to, and how it is listed there. */
export interface Reference {
  readonly subject: Digest;
  readonly referrer: Referrer;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the subject of a manifest that `parseManifest` took; undefined where it has none.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 */
export function referenceOf(
  bytes: Uint8Array,
  digest: Digest,
  manifest: ParsedManifest,
): Reference | undefined {
  const fields = asFields(JSON.parse(Buffer.from(bytes).toString('utf8')));
  const subject = parseDigest(String(asFields(fields?.['subject'])?.['digest']));
  if (fields === undefined || subject === undefined) return undefined;
  const [config] = manifest.blobs;
  const artifactType = textOf(fields['artifactType']) ?? config?.mediaType;
  const annotations = annotationsOf(fields['annotations']);
  const referrer: Referrer = {
    mediaType: manifest.mediaType,
    digest,
    size: bytes.length,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return { subject, referrer };
}

/** Reads a referrer's file, which a tenant may have written; undefined where it is none. */
export function parseReferrer(bytes: Uint8Array): Referrer | undefined {
  let fields: Fields | undefined;
  try {
    fields = asFields(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return undefined;
  }
  const mediaType = textOf(fields?.['mediaType']);
  const digest = parseDigest(String(fields?.['digest']));
  const size = fields?.['size'];
  if (mediaType === undefined || digest === undefined || !Number.isSafeInteger(size)) return undefined;
  const artifactType = textOf(fields?.['artifactType']);
  const annotations = annotationsOf(fields?.['annotations']);
  return {
    mediaType,
    digest,
    size: Number(size),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function annotationsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  const fields = asFields(value);
  if (fields === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
