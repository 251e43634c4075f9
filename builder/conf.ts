import { CodedError } from '../runtime/errors.ts';
import { isJsonObject, type JsonObject } from './json.ts';

/**
 * What nixpkgs' streamLayeredImage writes about an image (`passthru.conf`, since March 2024; its format is not
 * promised: https://github.com/NixOS/nixpkgs/issues/116119), read strictly.
 */
export interface ImageConf {
  readonly architecture: string;
  readonly os: string;
  /** The `config` of the OCI image configuration, as the user gave it. */
  readonly config: JsonObject;
  /** `/nix/store`. */
  readonly storeDir: string;
  /** A docker-archive whose layers come first. */
  readonly fromImage?: string;
  /** Store paths by layer, in the layers' order. */
  readonly storeLayers: readonly (readonly string[])[];
  /** A folder with `layer.tar` and `checksum`: the last layer. */
  readonly customisationLayer: string;
  readonly repoTag: string;
  /** RFC 3339, or `now`. */
  readonly created: string;
  readonly mtime: string;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
}

/** The file is not the one that this version can read; the archive is taken instead. */
export class ConfError extends CodedError<'UNREADABLE_CONF'> {
  constructor(message: string, cause?: unknown) {
    super('UNREADABLE_CONF', `the image's .stream.conf cannot be read: ${message}`, { cause });
  }
}

const keys = [
  'architecture',
  'config',
  'os',
  'store_dir',
  'from_image',
  'store_layers',
  'customisation_layer',
  'repo_tag',
  'created',
  'mtime',
  'uid',
  'gid',
  'uname',
  'gname',
] as const;

type Key = (typeof keys)[number];

/** @throws {ConfError} naming the first key that is unknown, missing or of another type. */
export function parseConf(text: string): ImageConf {
  const value = parseObject(text);
  const unknown = Object.keys(value).find((key) => !keys.some((known) => known === key));
  if (unknown !== undefined) throw new ConfError(`it has a key nobody knows, ${JSON.stringify(unknown)}`);
  const missing = keys.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) throw new ConfError(`it has no ${missing}`);
  const fromImage = value['from_image'];
  return {
    architecture: stringAt(value, 'architecture'),
    os: stringAt(value, 'os'),
    config: configOf(value['config']),
    storeDir: pathAt(value, 'store_dir'),
    ...(fromImage === null ? {} : { fromImage: pathAt(value, 'from_image') }),
    storeLayers: layersOf(value['store_layers'], pathAt(value, 'store_dir')),
    customisationLayer: pathAt(value, 'customisation_layer'),
    repoTag: stringAt(value, 'repo_tag'),
    created: timeAt(value, 'created'),
    mtime: timeAt(value, 'mtime'),
    uid: idAt(value, 'uid'),
    gid: idAt(value, 'gid'),
    uname: stringAt(value, 'uname'),
    gname: stringAt(value, 'gname'),
  };
}

/** The time that `created` or `mtime` stands for; `now` is `now`, of this build. */
export function resolveTime(time: string, now: Date): Date {
  return time === 'now' ? now : new Date(time);
}

function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ConfError('it is no JSON', cause);
  }
  if (!isJsonObject(value)) throw new ConfError('it is no JSON object');
  return value;
}

function configOf(value: unknown): JsonObject {
  if (value === null) return {};
  if (isJsonObject(value)) return value;
  throw new ConfError('config is no object');
}

function stringAt(value: JsonObject, key: Key): string {
  const found = value[key];
  if (typeof found !== 'string') throw new ConfError(`${key} is no string`);
  return found;
}

function pathAt(value: JsonObject, key: Key): string {
  const found = stringAt(value, key);
  if (!isPath(found)) throw new ConfError(`${key} is no absolute path`);
  return found;
}

function isPath(path: string): boolean {
  return path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..');
}

function idAt(value: JsonObject, key: Key): number {
  const found = stringAt(value, key);
  const id = Number(found);
  if (!/^\d{1,10}$/.test(found) || id > 0xffff_fffe) throw new ConfError(`${key} is no user or group number`);
  return id;
}

function timeAt(value: JsonObject, key: Key): string {
  const found = stringAt(value, key);
  if (found === 'now') return found;
  if (Number.isNaN(Date.parse(found))) throw new ConfError(`${key} is no time`);
  return found;
}

function layersOf(value: unknown, storeDir: string): string[][] {
  if (!Array.isArray(value)) throw new ConfError('store_layers is no list');
  return value.map((layer: unknown) => {
    if (!Array.isArray(layer)) throw new ConfError('store_layers holds what is no list');
    return layer.map((path: unknown) => {
      if (typeof path !== 'string' || !isPath(path) || !path.startsWith(`${storeDir}/`))
        throw new ConfError(`store_layers holds what is no path in ${storeDir}`);
      return path;
    });
  });
}
