import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { before, describe, test } from 'node:test';
import { type FolderRule, parseFolderTable, readFolderTable } from './folderTable.ts';
import { type Import, importsOf } from './importsOf.ts';
import { projectFolder, trackedFiles } from './trackedFiles.ts';

/** Folders that run where development dependencies are installed. */
const developmentFolders = new Set(['tests', 'bench', 'scripts']);

describe('imports', () => {
  let modules: string[];
  let rules: Map<string, FolderRule>;
  let dependencies: Set<string>;
  before(async () => {
    modules = (await trackedFiles()).filter((path) => /\.(ts|mts|mjs|js)$/.test(path));
    rules = new Map((await readFolderTable()).map((rule) => [rule.folder, rule]));
    const manifest: unknown = JSON.parse(await readFile(`${projectFolder}package.json`, 'utf8'));
    assert.ok(typeof manifest === 'object' && manifest !== null && 'dependencies' in manifest);
    dependencies = new Set(Object.keys(manifest.dependencies ?? {}));
  });

  async function problems(check: (path: string, one: Import) => string | undefined): Promise<string[]> {
    const found: string[] = [];
    for (const path of modules)
      for (const one of importsOf(await readFile(projectFolder + path, 'utf8'))) {
        const problem = check(path, one);
        if (problem !== undefined) found.push(`${path}:${one.line}: ${one.from}: ${problem}`);
      }
    return found;
  }

  test('there are modules, and each of their folders stands in the table', () => {
    assert.ok(modules.length > 20, `${modules.length} modules`);
    const folders = new Set(modules.map((path) => path.split('/')[0] ?? ''));
    assert.deepEqual(
      [...folders].filter((folder) => !rules.has(folder)),
      [],
    );
  });

  test('each folder imports what the table in docs/architecture.md allows', async () => {
    assert.deepEqual(await problems((path, one) => crossing(path, one, rules)), []);
  });

  test('relative imports name a file with its extension', async () => {
    const wrong = await problems((_path, { from }) =>
      from.startsWith('.') && !/\.(ts|mjs|json)$/.test(from) ? 'must end with .ts' : undefined,
    );
    assert.deepEqual(wrong, []);
  });

  test('shipped code imports dependencies only, never development dependencies', async () => {
    const wrong = await problems((path, one) =>
      developmentFolders.has(path.split('/')[0] ?? '') ? undefined : undeclared(one, dependencies),
    );
    assert.deepEqual(wrong, []);
  });
});

function crossing(path: string, one: Import, rules: ReadonlyMap<string, FolderRule>): string | undefined {
  if (!one.from.startsWith('.')) return undefined;
  const target = posix.join(posix.dirname(path), one.from);
  const [own = ''] = path.split('/');
  const [folder = ''] = target.split('/');
  const rule = rules.get(own);
  if (rule === undefined || rule.anything || folder === own) return undefined;
  if (rule.values.includes(folder) || rule.values.includes(target)) return undefined;
  if (!rule.types.includes(folder)) return `${own}/ may not import ${folder}/`;
  return one.typesOnly ? undefined : `${own}/ may import types only of ${folder}/`;
}

function undeclared({ from }: Import, dependencies: ReadonlySet<string>): string | undefined {
  if (from.startsWith('.')) return undefined;
  if (from.startsWith('node:')) return undefined;
  if (builtinModules.includes(from)) return 'must be written with node:';
  const name = from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');
  return dependencies.has(name) ? undefined : 'is no dependency in package.json';
}

describe('importsOf', () => {
  const rows: { reason: string; source: string; gives: Import[] }[] = [
    {
      reason: 'values',
      source: "import { a } from './a.ts';",
      gives: [{ from: './a.ts', typesOnly: false, line: 1 }],
    },
    {
      reason: 'a type import',
      source: "import type { A } from './a.ts';",
      gives: [{ from: './a.ts', typesOnly: true, line: 1 }],
    },
    {
      reason: 'types one by one',
      source: "import { type A, type B } from 'a';",
      gives: [{ from: 'a', typesOnly: true, line: 1 }],
    },
    {
      reason: 'types and values',
      source: "import { type A, b } from 'a';",
      gives: [{ from: 'a', typesOnly: false, line: 1 }],
    },
    {
      reason: 'a default',
      source: "import Koa from 'koa';",
      gives: [{ from: 'koa', typesOnly: false, line: 1 }],
    },
    {
      reason: 'many lines',
      source: "\nimport {\n  a,\n  b,\n} from './a.ts';",
      gives: [{ from: './a.ts', typesOnly: false, line: 2 }],
    },
    {
      reason: 'for its effect',
      source: "import './a.ts';",
      gives: [{ from: './a.ts', typesOnly: false, line: 1 }],
    },
    {
      reason: 're-exports',
      source: "export * from './a.ts';",
      gives: [{ from: './a.ts', typesOnly: false, line: 1 }],
    },
    {
      reason: 'a dynamic one',
      source: "const a = await import('./a.ts');",
      gives: [{ from: './a.ts', typesOnly: false, line: 1 }],
    },
    { reason: 'an export of its own is none', source: "export const from = 'x';", gives: [] },
  ];
  for (const { reason, source, gives } of rows)
    test(`finds ${reason}`, () => assert.deepEqual(importsOf(source), gives));
});

describe('parseFolderTable', () => {
  const head = '| folder | what it is | may import |\n|---|---|---|\n';
  test('reads each form of permission', () => {
    const table = `${head}| \`a/\` | x | nothing of ours |
| \`b/\` | x | nothing of ours but \`a/errors.ts\` |
| \`c/\` | x | \`b\` (types), \`a\` |
| \`d/\` | x | all of the above |
| \`e/\`, \`f/\` | x | anything |
`;
    assert.deepEqual(parseFolderTable(table), [
      { folder: 'a', values: [], types: [], anything: false },
      { folder: 'b', values: ['a/errors.ts'], types: [], anything: false },
      { folder: 'c', values: ['a'], types: ['b'], anything: false },
      { folder: 'd', values: ['a', 'b', 'c'], types: [], anything: false },
      { folder: 'e', values: [], types: [], anything: true },
      { folder: 'f', values: [], types: [], anything: true },
    ]);
  });
  for (const cell of ['whatever it likes', '`a` and `b`'])
    test(`refuses "${cell}"`, () => {
      assert.throws(() => parseFolderTable(`${head}| \`a/\` | x | ${cell} |`), /cannot be read/);
    });
});
