import { type Digest, parseDigest } from './digest.ts';
import { mediaTypes } from './mediaTypes.ts';

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** What is needed of a manifest to serve it: its type, and what it names. */
export interface ParsedManifest {
  readonly mediaType: string;
  /** Config and layers of an image; none of an index. */
  readonly blobs: readonly Descriptor[];
  /** The manifests of an index. */
  readonly manifests: readonly Descriptor[];
}

/** As the distribution-spec wants registries to take at least: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests */
export const manifestLimit = 4 * 1024 * 1024;

const imageTypes: readonly string[] = [mediaTypes.manifest, mediaTypes.dockerManifest];
const indexTypes: readonly string[] = [mediaTypes.index, mediaTypes.dockerIndex];

/** Reads a manifest that anybody may have written. Undefined where it is none: no JSON, or not of the shape. */
export function parseManifest(bytes: Uint8Array): ParsedManifest | undefined {
  if (bytes.length > manifestLimit) return undefined;
  const value = parseJson(bytes);
  if (!isObject(value) || value['schemaVersion'] !== 2) return undefined;
  const type = value['mediaType'];
  if (type !== undefined && typeof type !== 'string') return undefined;
  // A manifest that is both an image and an index is read differently by different clients: CVE-2021-41190.
  if ('manifests' in value === 'layers' in value) return undefined;
  return 'layers' in value ? parseImage(value, type) : parseIndex(value, type);
}

function parseImage(value: JsonObject, type = mediaTypes.manifest as string): ParsedManifest | undefined {
  if (!imageTypes.includes(type)) return undefined;
  const config = parseDescriptor(value['config']);
  const layers = parseDescriptors(value['layers']);
  if (config === undefined || layers === undefined) return undefined;
  return { mediaType: type, blobs: [config, ...layers], manifests: [] };
}

function parseIndex(value: JsonObject, type = mediaTypes.index as string): ParsedManifest | undefined {
  if (!indexTypes.includes(type)) return undefined;
  const manifests = parseDescriptors(value['manifests']);
  return manifests === undefined ? undefined : { mediaType: type, blobs: [], manifests };
}

function parseDescriptors(value: unknown): Descriptor[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const parsed = value.map(parseDescriptor);
  const whole = parsed.filter((each) => each !== undefined);
  return whole.length === parsed.length ? whole : undefined;
}

function parseDescriptor(value: unknown): Descriptor | undefined {
  if (!isObject(value)) return undefined;
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== 'string' || typeof digest !== 'string') return undefined;
  const parsed = parseDigest(digest);
  if (parsed === undefined || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    return undefined;
  return { mediaType, digest: parsed, size };
}

interface JsonObject {
  readonly [name: string]: unknown;
  readonly mediaType?: unknown;
  readonly digest?: unknown;
  readonly size?: unknown;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    // A byte order mark stays and is no JSON: what is hashed is what is read.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
