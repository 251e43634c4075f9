import { hash as digestOf } from 'node:crypto';
import type { PackageSet } from '../runtime/contract/packageSet.ts';
import type { ImageData } from './resource/niximage.ts';
import { readSchema, type Schema } from './resource/schema.ts';

/** Raised by hand when the same input is to give another image, so that every image is built again. */
const outputVersion = 1;

const dataSchema: Schema = readSchema().properties?.['data'] ?? {};

/**
 * SHA-256, in hexadecimal digits, of all that an image is made from: what the user wrote in `data`, and which packages
 * are meant. What equals a default of the schema does not count, so that a field that comes with a later version
 * rebuilds nothing; neither do the expression's text, the builder, or the Pod.
 * @param rebuild the user's token for a build of the same again.
 */
export function inputHash(data: ImageData, packageSet: PackageSet, rebuild?: string): string {
  const { pod: _pod, nix: _nix, secrets: _secrets, suspend: _suspend, tagPolicy: _tagPolicy, ...made } = data;
  const input = {
    outputVersion,
    data: written(made, dataSchema),
    ...(rebuild === undefined || rebuild === '' ? {} : { rebuild }),
    ...(packageSet === 'nixpkgs' ? {} : { packageSet }),
  };
  return digestOf('sha256', canonicalJson(input));
}

/** How a hash stands in the names of children. */
export function shortHash(hash: string): string {
  return hash.slice(0, 10);
}

function written(value: unknown, schema: Schema | undefined): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => written(each, schema?.items));
  if (!isObject(value)) return value;
  const entries: (readonly [string, unknown])[] = [];
  for (const [name, given] of Object.entries(value)) {
    const part = schema?.properties?.[name];
    const each = written(given, part);
    if (each !== undefined && each !== null && each !== part?.default) entries.push([name, each]);
  }
  return Object.fromEntries(entries);
}

/** JSON whose keys are sorted, so that their order says nothing. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(',')}}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
