import { readFile, writeFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { failureRows } from './matrix/failures.ts';
import { parameters } from './matrix/parameters.ts';
import { type ProofFile, type Proofs, proofsOf } from './matrix/proofs.ts';
import { links, table } from './matrix/table.ts';

/**
 * Writes into docs/reference.md which test proves each parameter and each failure, from the CRD, docs/failures.md and
 * tests/proofs.yaml. `--check` only tells whether the page is up to date.
 */

const root = new URL('../', import.meta.url);
const page = new URL('docs/reference.md', root);
const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8');

interface Listed {
  readonly parameters: { readonly 'without Nix': ProofFile; readonly 'with Nix': ProofFile };
  readonly failures: { readonly 'on a cluster': ProofFile };
}

/** What stands between these two lines is made here. */
const begin = '<!-- Made by `npm run generate`; what is below is not edited. -->';
const end = '<!-- What is above was made by `npm run generate`. -->';

/** The test of each row of docs/failures.md, by the heading above it; its title is what was done. */
const failureTests = {
  'What the hook sees': 'tests/hooks/failures.test.ts',
  'What the builder sees': 'tests/e2e/failures.test.ts',
} as const;

/**
 * docs/reference.md as it is to be.
 * @throws {Error} where a parameter or a failure has no test, or a test that is named is not there.
 */
export async function generatePage(): Promise<string> {
  const [before, rest] = (await readFile(page, 'utf8')).split(`${begin}\n`);
  const after = rest?.split(`\n${end}`)[1];
  if (before === undefined || after === undefined) throw new Error(`docs/reference.md has no line ${begin}`);
  // The file is the project's own; what it names is checked below.
  const listed = parse(await read('tests/proofs.yaml')) as Listed;
  const parts = [await parameterTable(listed.parameters), await failureTables(listed.failures)];
  return `${before}${begin}\n\n${parts.join('\n\n')}\n\n${end}${after}`;
}

async function parameterTable(listed: Listed['parameters']): Promise<string> {
  const crd = parse(await read('metacontroller/manifests/crd/niximages.k8s.nixos.org.yaml'));
  const all = parameters(crd.spec.versions[0].schema.openAPIV3Schema.properties.data);
  const paths = all.map(({ path }) => path);
  const covers = (said: string, path: string): boolean => path === said || path.startsWith(`${said}.`);
  const without = await proofsOf(listed['without Nix'], paths, covers);
  const withNix = await proofsOf(listed['with Nix'], paths, covers);
  assertAll(paths, [without, withNix]);
  return table(
    ['parameter', 'what it may be', 'without Nix', 'with Nix, or on a cluster'],
    all.map(({ path, rule }) => [`\`data.${path}\``, rule, links(without, path), links(withNix, path)]),
  );
}

async function failureTables(listed: Listed['failures']): Promise<string> {
  const text = await read('docs/failures.md');
  const sections = Object.entries(failureTests).map(([heading, file]) => ({
    heading,
    file,
    rows: failureRows(text, heading),
  }));
  const names = sections.flatMap(({ rows }) => rows.map(({ did }) => did));
  const covers = (said: string, did: string): boolean => said === did;
  const own = sections.map(({ file, rows }) => [
    file,
    Object.fromEntries(rows.map(({ did }) => [did, [did]])),
  ]);
  assertAll(names, [await proofsOf(Object.fromEntries(own), names, covers)]);
  const onCluster = await proofsOf(listed['on a cluster'], names, covers);
  return sections
    .map(({ heading, file, rows }) =>
      [
        `### ${heading}`,
        `Each row is run by [${file}](../${file}), a test of the row's name.`,
        '',
        table(
          ['failure', 'reason', 'on a cluster too'],
          rows.map(({ did, reason }) => [did, `\`${reason}\``, links(onCluster, did)]),
        ),
      ].join('\n'),
    )
    .join('\n\n');
}

function assertAll(subjects: readonly string[], proofs: readonly Proofs[]): void {
  const bare = subjects.filter((subject) => proofs.every((each) => (each.get(subject) ?? []).length === 0));
  if (bare.length > 0) throw new Error(`no test in tests/proofs.yaml proves ${bare.join(', ')}`);
}

if (import.meta.main) {
  const generated = await generatePage();
  if (!process.argv.includes('--check')) await writeFile(page, generated);
  else if ((await readFile(page, 'utf8')) !== generated) {
    console.error('docs/reference.md is not what the CRD and the tests say; run `npm run generate`');
    process.exitCode = 1;
  }
}
