import type { ImageData } from '../resource/niximage.ts';
import { type Entry, json, type Node, strings } from './layout.ts';
import { importedCode } from './ownNix.ts';

/** `import <nixpkgs> { }`, with the manifest's config and overlays. */
export function packages({ nixpkgsConfig, overlays = [] }: ImageData): Node {
  const entries: Entry[] = [];
  if (nixpkgsConfig !== undefined)
    entries.push(['config', { kind: 'Set', entries: configEntries(nixpkgsConfig) }]);
  if (overlays.length > 0)
    entries.push([
      'overlays',
      {
        kind: 'List',
        items: overlays.map((overlay, index) => importedCode(`data.overlays[${index}]`, overlay)),
      },
    ]);
  return { kind: 'Set', before: 'import <nixpkgs> ', entries };
}

/** `allowUnfreePackages` is told by the predicate that every nixpkgs knows. */
function configEntries({ allowUnfreePackages, ...rest }: NonNullable<ImageData['nixpkgsConfig']>): Entry[] {
  const passed = Object.entries(rest).map(([name, value]): Entry => [name, json(value)]);
  if (allowUnfreePackages === undefined) return passed;
  const predicate: Node = {
    kind: 'Applied',
    function: 'package: builtins.elem (package.pname or (builtins.parseDrvName package.name).name)',
    argument: strings(allowUnfreePackages),
  };
  return [...passed, ['allowUnfreePredicate', predicate]];
}
