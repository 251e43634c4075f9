import type { ImageData } from '../resource/niximage.ts';
import { packagesOf, parseEntry } from './entry.ts';
import { escapeString } from './escape.ts';

/** A flake's packages, with those of `packages` before those of `legacyPackages`, as `nix build` looks for them. */
const definition = `  ${packagesOf} =
    reference:
    let
      flake = builtins.getFlake reference;
      inherit (pkgs.stdenv.hostPlatform) system;
    in
    flake.legacyPackages.\${system} or { } // flake.packages.\${system} or { };
`;

/**
 * `let mytools = pkgs.callPackage <mytools> { }; in` for each source that contents name packages of, and what gives a
 * flake's packages; empty where nothing is needed. A name bound here goes before that of nixpkgs' package.
 */
export function boundSources({ sources = [], contents = [] }: ImageData): string {
  const entries = contents.map(parseEntry);
  const used = new Set(entries.flatMap(({ kind, path }) => (kind === 'Attribute' ? path.slice(0, 1) : [])));
  const named = sources.filter(({ name }) => name !== 'nixpkgs' && used.has(name));
  const needsFlakes =
    named.some(({ flake }) => flake !== undefined) || entries.some(({ kind }) => kind === 'Flake');
  const bindings = [
    ...(needsFlakes ? [definition] : []),
    ...named.map(({ name, flake }) =>
      flake === undefined
        ? `  ${name} = pkgs.callPackage <${name}> { };\n`
        : `  ${name} = ${packagesOf} ${escapeString(flake)};\n`,
    ),
  ];
  return bindings.length === 0 ? '' : `let\n${bindings.join('')}in\n`;
}
