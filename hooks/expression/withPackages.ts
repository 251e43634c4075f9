import type { ImageData } from '../resource/niximage.ts';
import { parseAttributePath, renderAttribute, renderAttributePath } from './attributePath.ts';
import { call, type Node, raw } from './layout.ts';

type PackageSet = NonNullable<ImageData['withPackages']>[number];

/** R and what runs it are made again with packages, which are in a set of their own. */
const wrappers = ['rWrapper', 'rstudioWrapper', 'radianWrapper'];

/** A program with packages of its own, as an entry of a list, in the way in which nixpkgs makes such a one. */
export function withPackages({ package: name, packages }: PackageSet): Node {
  const path = parseAttributePath(name);
  const last = path.at(-1) ?? '';
  const program = renderAttributePath(name);
  const of = (set: string): Node[] =>
    packages.map((each) => raw([set, ...parseAttributePath(each).map(renderAttribute)].join('.')));
  if (wrappers.includes(last))
    return call(`${program}.override`, [['packages', { kind: 'List', items: of('rPackages') }]]);
  if (/^php\d*$/.test(last))
    return applied(`${program}.withExtensions`, '{ enabled, all }: enabled ++ ', of('all'));
  return applied(`${program}.${functionOf(path)}`, 'ps: ', of('ps'));
}

/** `(python3.withPackages (ps: [ ps.requests ]))` */
function applied(name: string, before: string, items: readonly Node[]): Node {
  const argument: Node = { kind: 'Grouped', inner: { kind: 'List', before, items } };
  return { kind: 'Grouped', inner: { kind: 'Applied', function: name, argument } };
}

function functionOf(path: readonly string[]): string {
  const last = path.at(-1) ?? '';
  if (['terraform', 'opentofu'].includes(last)) return 'withPlugins';
  // Sets of Haskell packages, beside which `ghc` itself has `withPackages`.
  return last === 'haskellPackages' || (path[0] === 'haskell' && path[1] === 'packages')
    ? 'ghcWithPackages'
    : 'withPackages';
}
