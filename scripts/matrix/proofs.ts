import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';

/** A test, by its file in the project and by the title of itself or of its row. */
export interface Test {
  readonly file: string;
  readonly title: string;
}

/** Tests by what they prove. */
export type Proofs = ReadonlyMap<string, readonly Test[]>;

/** `{ file: { title: [what it proves] } }` */
export type ProofFile = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const root = new URL('../../', import.meta.url);

/**
 * Turns a list of tests into the tests of each subject.
 * @param covers whether what a test is said to prove stands for a subject.
 * @throws {Error} where a test is not there, or proves nothing that there is.
 */
export async function proofsOf(
  listed: ProofFile,
  subjects: readonly string[],
  covers: (said: string, subject: string) => boolean,
): Promise<Proofs> {
  const proofs = new Map<string, Test[]>(subjects.map((subject) => [subject, []]));
  for (const [file, titles] of Object.entries(listed)) {
    const hasTitle = titlesIn(await textOf(file));
    for (const [title, proved] of Object.entries(titles)) {
      if (!hasTitle(title)) throw new Error(`${file} has no test ${JSON.stringify(title)}`);
      for (const said of proved) {
        const covered = subjects.filter((subject) => covers(said, subject));
        if (covered.length === 0)
          throw new Error(`${JSON.stringify(title)} is said to prove ${said}, which is not there`);
        for (const subject of covered) proofs.get(subject)?.push({ file, title });
      }
    }
  }
  return proofs;
}

/** The text of a test file, and of what it imports of the tests' own support: rows often stand there. */
async function textOf(file: string): Promise<string> {
  const text = await readFile(new URL(file, root), 'utf8');
  const imported = [...text.matchAll(/from '(\.[^']*\/support\/[^']+|\.\/support\/[^']+)'/g)].map(
    ([, from = '']) => posix.join(posix.dirname(file), from),
  );
  const texts = await Promise.all(imported.map((path) => readFile(new URL(path, root), 'utf8')));
  return [text, ...texts].join('\n');
}

/** How many letters a title must have that no variable fills in. */
const leastLetters = 8;

/** Whether a text has a title as a whole string; what a template fills in may be anything. */
function titlesIn(text: string): (title: string) => boolean {
  const plain = new Set<string>();
  const templates: RegExp[] = [];
  for (const [, quote, inner = ''] of text.matchAll(/(['"`])((?:\\.|(?!\1)[^\\\n])*)\1/g)) {
    const parts = inner.replaceAll(/\\(.)/g, '$1').split(/\$\{[^}]*\}/);
    if (quote !== '`' || parts.length === 1) plain.add(parts.length === 1 ? (parts[0] ?? '') : inner);
    else if (parts.join('').length >= leastLetters)
      templates.push(
        new RegExp(`^${parts.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.+')}$`),
      );
  }
  return (title) => plain.has(title) || templates.some((template) => template.test(title));
}
