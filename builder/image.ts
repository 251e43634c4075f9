import type { PackageSet } from '../runtime/contract/packageSet.ts';
import { type ImageConf, resolveTime } from './conf.ts';
import { isJsonObject, type JsonObject, stringsOf } from './json.ts';

/** Where a layer of an image comes from, as the image's history tells it. */
export interface LayerOrigin {
  /** `sha256:<hex>` of the uncompressed layer. */
  readonly diffId: string;
  /** Store paths, or the layer's name in the archive it was taken from. */
  readonly paths: readonly string[];
}

/** Labels the image as a demonstration's: what it holds is not nixpkgs. */
export const packageSetLabel = 'k8s.nixos.org/package-set';

/**
 * The OCI image configuration (https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md): the values that
 * nixpkgs' stream_layered_image.py gives, so that an image is the same wherever it was made.
 */
export function imageConfig(
  conf: ImageConf,
  layers: readonly LayerOrigin[],
  options: { readonly base?: JsonObject; readonly packageSet: PackageSet; readonly now: Date },
): JsonObject {
  const created = isoTime(conf.created, options.now);
  return {
    created,
    architecture: conf.architecture,
    os: conf.os,
    config: labelled(withBaseEnv(conf.config, options.base), options.packageSet),
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map((layer) => ({ created, comment: `store paths: ${pythonList(layer.paths)}` })),
  };
}

/** The configuration of an archive, with its own fields kept, for images that have no `.stream.conf`. */
export function labelledConfig(config: JsonObject, packageSet: PackageSet): JsonObject {
  const inner = config['config'];
  return packageSet === 'nixpkgs'
    ? config
    : { ...config, config: labelled(isJsonObject(inner) ? inner : {}, packageSet) };
}

/** Python's `datetime.isoformat`, which writes UTC as `+00:00`. */
function isoTime(time: string, now: Date): string {
  return time === 'now'
    ? `${resolveTime(time, now).toISOString().slice(0, -1)}+00:00`
    : time.replace(/Z$/, '+00:00');
}

/** Of a base image's configuration only the environment is taken over; a variable's last value wins. */
function withBaseEnv(config: JsonObject, base: JsonObject | undefined): JsonObject {
  if (base === undefined) return config;
  const variables = new Map<string, string>();
  for (const entry of [...stringsOf(base['Env']), ...stringsOf(config['Env'])])
    variables.set(entry.split('=', 1)[0] ?? entry, entry);
  return variables.size === 0 ? config : { ...config, Env: [...variables.values()] };
}

function labelled(config: JsonObject, packageSet: PackageSet): JsonObject {
  if (packageSet === 'nixpkgs') return config;
  const labels = config['Labels'];
  return { ...config, Labels: { ...(isJsonObject(labels) ? labels : {}), [packageSetLabel]: packageSet } };
}

/** Python's repr of a list of store paths, which hold no quotes. */
function pythonList(paths: readonly string[]): string {
  return `[${paths.map((path) => `'${path}'`).join(', ')}]`;
}
