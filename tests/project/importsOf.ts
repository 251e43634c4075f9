export interface Import {
  /** As written: `node:fs`, `koa`, `../runtime/errors.ts`. */
  readonly from: string;
  readonly typesOnly: boolean;
  readonly line: number;
}

const statement = /^[ \t]*(?:import|export)\s+(type\s+)?([^'"`;]*?)\bfrom\s*['"]([^'"]+)['"]/gm;
const bare = /^[ \t]*import\s*['"]([^'"]+)['"]/gm;
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** The imports of a module: static ones, those for their effect only, and dynamic ones. */
export function importsOf(source: string): Import[] {
  const at = (index: number): number => source.slice(0, index).split('\n').length;
  const found: Import[] = [];
  for (const match of source.matchAll(statement)) {
    const [, type, names = '', from = ''] = match;
    found.push({ from, typesOnly: type !== undefined || onlyTypes(names), line: at(match.index) });
  }
  for (const pattern of [bare, dynamic])
    for (const match of source.matchAll(pattern))
      found.push({ from: match[1] ?? '', typesOnly: false, line: at(match.index) });
  return found;
}

/** Whether a list such as `{ type A, type B }` names nothing but types. */
function onlyTypes(names: string): boolean {
  const list = /^\{([^}]*)\}\s*$/.exec(names)?.[1];
  if (list === undefined) return false;
  const words = list.split(',').map((name) => name.trim());
  return words.every((name) => name === '' || name.startsWith('type '));
}
