import { escapeString } from './escape.ts';

/** A name that Nix's grammar takes bare: https://nix.dev/manual/nix/stable/language/identifiers */
const identifier = /^[A-Za-z_][A-Za-z0-9_'-]*$/;

const keywords = ['assert', 'else', 'if', 'in', 'inherit', 'let', 'or', 'rec', 'then', 'with'];

/**
 * Names that Nix binds itself: in `with pkgs; [ map ]` they are not the package's, for a `with` yields to every other
 * binding. `pkgs` and `packagesOf` are the expression's own.
 */
const bound = [
  '__currentSystem',
  '__currentTime',
  '__langVersion',
  '__nixPath',
  '__nixVersion',
  '__storeDir',
  'abort',
  'baseNameOf',
  'break',
  'builtins',
  'derivation',
  'derivationStrict',
  'dirOf',
  'false',
  'fetchGit',
  'fetchMercurial',
  'fetchTarball',
  'fetchTree',
  'fromTOML',
  'import',
  'isNull',
  'map',
  'null',
  'packagesOf',
  'pkgs',
  'placeholder',
  'removeAttrs',
  'scopedImport',
  'throw',
  'toString',
  'true',
];

/** The components of an attribute path as a user writes it: `a.b`, `"my.pkg"`. The schema has checked its form. */
export function parseAttributePath(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|[^."]+/g)].map(([whole, quoted]) => quoted ?? whole);
}

/** The path as it stands in `with pkgs; [ ... ]`: bare where that means the package, else `pkgs."..."`. */
export function renderAttributePath(text: string): string {
  const components = parseAttributePath(text);
  const [first = '', ...rest] = components;
  const bare = identifier.test(first) && !keywords.includes(first) && !isBound(first);
  const path = [bare ? first : `pkgs.${renderAttribute(first)}`, ...rest.map(renderAttribute)];
  return path.join('.');
}

/** One name in an attribute path or set. */
export function renderAttribute(name: string): string {
  return identifier.test(name) && !keywords.includes(name) ? name : escapeString(name);
}

/** Whether a name means something else where packages are listed, so that nothing of the user's can be called so. */
export function isTaken(name: string): boolean {
  return keywords.includes(name) || isBound(name) || ownNames.includes(name);
}

/** Names of nixpkgs' that the expression uses itself. */
const ownNames = ['dockerTools', 'glibcLocales', 'tzdata', 'writeTextFile'];

/** Every builtin can be had with two underscores before it, so all such names count as bound. */
function isBound(name: string): boolean {
  return bound.includes(name) || name.startsWith('__');
}
