import type { PackageSet } from '../../runtime/contract/packageSet.ts';
import type { ImageData } from '../resource/niximage.ts';
import { extraCommands, fakeRootCommands } from './commands.ts';
import { configEntries } from './config.ts';
import { contents } from './contents.ts';
import { ownImage } from './expression.ts';
import { fromImage } from './fromImage.ts';
import { type Entry, layOut, multiline, type Node, raw, string } from './layout.ts';
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
] as const;

function plainArguments(data: ImageData): Entry[] {
  return plain.flatMap((name): Entry[] => {
    const value = data[name];
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? string(value) : raw(String(value))]];
  });
}

function script(name: string, lines: string): Entry[] {
  return lines === '' ? [] : [[name, multiline(lines)]];
}
