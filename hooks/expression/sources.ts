import type { ImageData } from '../resource/niximage.ts';
import { parseAttributePath } from './attributePath.ts';

/**
 * `let mytools = pkgs.callPackage <mytools> { }; in` for each source that contents name packages of; empty where none
 * do. A name bound here goes before that of nixpkgs' package.
 */
export function boundSources({ sources = [], contents = [] }: ImageData): string {
  const used = new Set(contents.map((path) => parseAttributePath(path)[0]));
  const bindings = sources
    .filter(({ name }) => name !== 'nixpkgs' && used.has(name))
    .map(({ name, flake }) =>
      flake === undefined
        ? `  ${name} = pkgs.callPackage <${name}> { };\n`
        : `  ${name} = (builtins.getFlake (toString <${name}>)).packages.\${pkgs.stdenv.hostPlatform.system};\n`,
    );
  return bindings.length === 0 ? '' : `let\n${bindings.join('')}in\n`;
}
