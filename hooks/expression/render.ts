import type { PackageSet } from '../../runtime/contract/packageSet.ts';
import type { ImageData } from '../resource/niximage.ts';
import { parseAttributePath, renderAttribute } from './attributePath.ts';
import { extraCommands, fakeRootCommands } from './commands.ts';
import { configEntries } from './config.ts';
import { contents } from './contents.ts';
import { ownImage } from './expression.ts';
import { fromImage } from './fromImage.ts';
import { type Entry, json, layOut, multiline, type Node, raw, string } from './layout.ts';
import { packages } from './packages.ts';
import { boundSources } from './sources.ts';

/**
 * The Nix expression of an image: a function of `pkgs` that calls nixpkgs' `dockerTools.buildLayeredImage`, as a person
 * would write it. Every name, text and number of the user's stands in it by its own escaping.
 */
export function renderExpression(
  image: { readonly name: string; readonly data: ImageData },
  { packageSet }: { readonly packageSet: PackageSet },
): string {
  const { name, data } = image;
  const { expression } = data;
  const body =
    expression === undefined
      ? boundSources(data) + layOut(builtImage(name, data, packageSet))
      : ownImage(expression);
  return `{ pkgs ? ${layOut(packages(data))} }:\n\n${body}\n`;
}

function builtImage(name: string, data: ImageData, packageSet: PackageSet): Node {
  const config = configEntries(data, packageSet);
  const entries: Entry[] = [
    ['name', string(name)],
    ['tag', string(data.tag)],
    ...(data.fromImage === undefined ? [] : [['fromImage', fromImage(data.fromImage)] as const]),
    ['contents', contents(data)],
    ...plainArguments(data),
    ...layering(data),
    ...script('extraCommands', extraCommands(data)),
    ...script('fakeRootCommands', fakeRootCommands(data)),
    ...(config.length === 0 ? [] : [['config', { kind: 'Set', entries: config }] as const]),
  ];
  return { kind: 'Set', before: 'pkgs.dockerTools.buildLayeredImage ', entries };
}

/** Arguments that nixpkgs has under the same names, where the manifest gives them. */
const plain = [
  'maxLayers',
  'created',
  'mtime',
  'uid',
  'gid',
  'uname',
  'gname',
  'architecture',
  'compressor',
  'includeStorePaths',
  'includeNixDB',
  'enableFakechroot',
  'debug',
] as const;

function plainArguments(data: ImageData): Entry[] {
  return plain.flatMap((name): Entry[] => {
    const value = data[name];
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? string(value) : raw(String(value))]];
  });
}

/** How store paths are grouped, and which are left out. */
function layering({ layeringPipeline, extraExcludePaths }: ImageData): Entry[] {
  const excluded = extraExcludePaths?.map((path) => raw(packageOf(path)));
  return [
    ...(layeringPipeline === undefined
      ? []
      : [['layeringPipeline', layeringValue(layeringPipeline)] as const]),
    ...(excluded === undefined ? [] : [['extraExcludePaths', { kind: 'List', items: excluded }] as const]),
  ];
}

/** JSON, in which `{package: curl}` is the package of this name. */
function layeringValue(value: unknown): Node {
  if (Array.isArray(value)) return { kind: 'List', items: value.map(layeringValue) };
  const name: unknown =
    typeof value === 'object' && value !== null && Object.keys(value).length === 1
      ? Reflect.get(value, 'package')
      : undefined;
  return typeof name === 'string' ? raw(packageOf(name)) : json(value);
}

function packageOf(path: string): string {
  return ['pkgs', ...parseAttributePath(path).map(renderAttribute)].join('.');
}

function script(name: string, lines: string): Entry[] {
  return lines === '' ? [] : [[name, multiline(lines)]];
}
