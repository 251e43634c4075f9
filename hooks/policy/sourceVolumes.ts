import { optional, parsed } from '../../runtime/options.ts';
import type { ImageData } from '../resource/niximage.ts';

/** A volume that the operator lends to builders, for sources that lie on it. */
export interface SourceVolume {
  /** As a Pod names a volume, without its name: `{"nfs": {"server": "...", "path": "..."}}`. */
  readonly volume: Readonly<Record<string, unknown>>;
  /** The folders on it that may be used, with all below them; absent for all of it. */
  readonly paths?: readonly string[];
}

/** By the name that manifests use. */
export type SourceVolumes = Readonly<Record<string, SourceVolume>>;

type ParsedVolumes =
  | { readonly ok: true; readonly value: SourceVolumes }
  | { readonly ok: false; readonly expected: string };

const expected =
  'JSON with volumes by their names, such as {"checkouts":{"volume":{"persistentVolumeClaim":{"claimName":"checkouts"}},"paths":["tools"]}}';

/** Who runs builders says it. */
export const sourceVolumesOption = optional(
  parsed('JSON', 'Volumes that sources of manifests may lie on, by their names.', parseSourceVolumes),
);

/** Reads what the operator's setting says. */
export function parseSourceVolumes(text: string): ParsedVolumes {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && Object.entries(value).every(isVolume)
      ? { ok: true, value: value as SourceVolumes }
      : { ok: false, expected };
  } catch {
    return { ok: false, expected };
  }
}

/** Why a source's volume cannot be had, in a sentence; undefined where all can. */
export function volumeRefusal({ sources = [] }: ImageData, volumes: SourceVolumes): string | undefined {
  for (const [index, { volume }] of sources.entries()) {
    if (volume === undefined) continue;
    const field = `data.sources[${index}].volume`;
    const lent = Object.hasOwn(volumes, volume.name) ? volumes[volume.name] : undefined;
    if (lent === undefined)
      return `${field}.name is ${volume.name}, and source-volumes of this cluster's policy ${listed(Object.keys(volumes), 'lends')}; name one of them, or ask the operator to lend it`;
    const { path = '' } = volume;
    if (lent.paths?.some((allowed) => path === allowed || path.startsWith(`${allowed}/`)) === false)
      return `${field}.path is ${JSON.stringify(path)}, and source-volumes of this cluster's policy ${listed(lent.paths, 'allows')} of ${volume.name}; name a folder below one of them, or ask the operator to allow it`;
  }
  return undefined;
}

function listed(names: readonly string[], verb: string): string {
  return names.length === 0 ? `${verb} nothing` : `${verb} ${names.join(', ')}`;
}

const namePattern = /^[a-z0-9](?:[-a-z0-9]{0,38}[a-z0-9])?$/;
const pathPattern = /^[A-Za-z0-9_][A-Za-z0-9._+-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._+-]*)*$/;

function isVolume([name, value]: readonly [string, unknown]): boolean {
  if (!namePattern.test(name) || !isObject(value)) return false;
  const { volume, paths, ...others } = value as { [Key in string]?: unknown };
  if (Object.keys(others).length > 0 || !isObject(volume) || Object.keys(volume).length !== 1) return false;
  return (
    paths === undefined ||
    (Array.isArray(paths) && paths.every((path) => typeof path === 'string' && pathPattern.test(path)))
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
