import {
  type Alias,
  type Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Tags,
  visit,
} from 'yaml';
import { messageOf } from '../../runtime/errors.ts';
import type { Place, Problem } from './problem.ts';
import type { Source } from './sources.ts';

export type Path = readonly (string | number)[];

/** One YAML document as plain values, with the place of each of them in its file. */
export interface YamlDocument {
  readonly file: string;
  readonly value: unknown;
  /** The place of the value at `path`; where the path ends early, of the nearest one above. */
  placeOf(path: Path): Place;
  /** The place of the key (or list entry) at `path`, for one that should not be there. */
  placeOfKey(path: Path): Place;
  /** How the scalar at `path` stands in the file: `1.28`, `on`; undefined where it is quoted or no scalar. */
  plainTextOf(path: Path): string | undefined;
}

/** Aliases may multiply a document's nodes at most this often; kubectl's reader has a like bound. */
const maxAliasCount = 1000;

/**
 * Reads the documents of one file as kubectl does: YAML 1.1 (`on` is true, `010` is 8), but no base-60 numbers and no
 * timestamps, which Go's reader leaves strings. Empty documents are left out.
 */
export function readYaml({ file, text }: Source): {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly Problem[];
} {
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    version: '1.1',
    customTags: withoutTimes,
    lineCounter,
    prettyErrors: false,
    logLevel: 'error',
  });
  const documents: YamlDocument[] = [];
  const problems: Problem[] = [];
  if (!Array.isArray(parsed)) return { documents, problems };
  for (const document of parsed) {
    const placeAt = (offset: number): Place => {
      const { line, col } = lineCounter.linePos(offset);
      return { line, column: col };
    };
    const [error] = document.errors;
    if (error !== undefined) {
      problems.push({
        file,
        place: placeAt(error.pos[0]),
        message: `this is not YAML: ${sentence(error.message)}`,
      });
      continue;
    }
    const read = plainValue(document);
    if ('problem' in read) problems.push({ file, place: placeAt(read.offset), message: read.problem });
    else if (read.value !== null) documents.push(located(file, read.value, document, placeAt));
  }
  return { documents, problems };
}

function withoutTimes(tags: Tags): Tags {
  return tags.filter(
    (tag) =>
      typeof tag === 'string' ||
      !(('format' in tag && tag.format === 'TIME') || tag.tag === 'tag:yaml.org,2002:timestamp'),
  );
}

type Plain = { readonly value: unknown } | { readonly problem: string; readonly offset: number };

function plainValue(document: Document): Plain {
  const start = document.contents?.range?.[0] ?? 0;
  try {
    return { value: document.toJS({ maxAliasCount }) };
  } catch (error) {
    // Looked for only now: each alias is searched for through the whole document.
    const dangling =
      error instanceof ReferenceError && !/count/.test(error.message) ? danglingAlias(document) : undefined;
    if (dangling !== undefined)
      return {
        problem: `the alias *${dangling.source} has no anchor &${dangling.source} before it.`,
        offset: dangling.range?.[0] ?? start,
      };
    if (error instanceof ReferenceError)
      return {
        problem: 'the aliases (*name) of this document multiply beyond measure; write the values out.',
        offset: start,
      };
    return { problem: `this document cannot be read: ${messageOf(error)}.`, offset: start };
  }
}

function danglingAlias(document: Document): Alias | undefined {
  let found: Alias | undefined;
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
}

function located(
  file: string,
  value: unknown,
  document: Document,
  placeAt: (offset: number) => Place,
): YamlDocument {
  const find = (path: Path): { readonly value: Node | null; readonly key: Node | null } => {
    let found: { value: Node | null; key: Node | null } = {
      value: document.contents,
      key: document.contents,
    };
    for (const step of path) {
      const next = child(found.value, step);
      if (next === undefined) return found;
      found = next;
    }
    return found;
  };
  const placeOfNode = (node: Node | null): Place =>
    placeAt(node?.range?.[0] ?? document.contents?.range?.[0] ?? 0);
  return {
    file,
    value,
    placeOf: (path) => placeOfNode(find(path).value),
    placeOfKey: (path) => placeOfNode(find(path).key),
    plainTextOf: (path) => {
      const node = find(path).value;
      return isScalar(node) && node.type === 'PLAIN' ? node.source : undefined;
    },
  };
}

function child(
  node: Node | null,
  step: string | number,
): { value: Node | null; key: Node | null } | undefined {
  if (isSeq<Node>(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { value: item, key: item };
  }
  if (!isMap<Node, Node | null>(node)) return undefined;
  const pair = node.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
  );
  return pair === undefined ? undefined : { value: pair.value ?? pair.key, key: pair.key };
}

/** The reader's messages end in no full stop and may hold a line of the file below. */
function sentence(message: string): string {
  const [line = message] = message.split('\n');
  return `${line.charAt(0).toLowerCase()}${line.slice(1).replace(/[.:]?\s*$/, '')}.`;
}
