/** One entry of an expression's `contents`, as the text has it. */
export interface ContentsEntry {
  /** As a user writes it in `data.contents`: `python3Packages.requests`. */
  readonly name: string;
  /** Its attribute names; absent where the entry is no attribute path but an expression in parentheses. */
  readonly path?: readonly string[];
  /** The reference of the flake that the path leads into. */
  readonly flake?: string;
  /** The attribute names of each package that this program is to have. */
  readonly members?: readonly (readonly string[])[];
  /** What an environment is made of. */
  readonly paths?: readonly ContentsEntry[];
}

type Token =
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string };

/**
 * The entries of the first list that stands after `contents =`, in its order. Nix itself can tell the number of the
 * entry that failed, not what it is called; the expression's text is the one place where that stands.
 * Never throws: a text of another shape gives the entries that could be read.
 */
export function contentsOf(expression: string): ContentsEntry[] {
  const tokens = tokensOf(expression);
  const start = tokens.findIndex(
    (token, index) => token.text === 'contents' && token.kind === 'name' && isMark(tokens[index + 1], '='),
  );
  if (start === -1) return [];
  const open = tokens.findIndex((token, index) => index > start && isMark(token, '['));
  const end = tokens.findIndex(
    (token, index) => index > start && isMark(token, ';') && !isWith(tokens, index),
  );
  if (open === -1 || (end !== -1 && end < open)) return [];
  return entriesOf(tokens, open + 1);
}

/** Whether the `;` at `index` ends a `with pkgs`. */
function isWith(tokens: readonly Token[], index: number): boolean {
  for (let at = index - 1; at >= 0; at -= 1) {
    const token = tokens[at];
    if (token?.kind === 'name' && token.text === 'with') return true;
    if (token?.kind === 'mark' && token.text !== '.') return false;
  }
  return false;
}

function entriesOf(tokens: readonly Token[], from: number): ContentsEntry[] {
  const entries: ContentsEntry[] = [];
  let at = from;
  for (let token = tokens[at]; token !== undefined && !isMark(token, ']'); token = tokens[at]) {
    if (token.kind === 'mark') {
      const next = afterGroup(tokens, at);
      const group = tokens.slice(at, next);
      const selected = selectedFrom(tokens, next);
      at = next + 2 * selected.length;
      entries.push(entryOfGroup(group, selected));
      continue;
    }
    const path = [token.text, ...selectedFrom(tokens, at + 1)];
    at += 2 * path.length - 1;
    const attributes = path.length > 1 && path[0] === 'pkgs' ? path.slice(1) : path;
    entries.push({ name: nameOfPath(attributes), path: attributes });
  }
  return entries;
}

/** `.a.b`: the attributes that are selected of what ends before `from`. */
function selectedFrom(tokens: readonly Token[], from: number): string[] {
  const path: string[] = [];
  for (let at = from; isMark(tokens[at], '.'); at += 2) {
    const part = tokens[at + 1];
    if (part === undefined || part.kind === 'mark') break;
    path.push(part.text);
  }
  return path;
}

/** An entry in parentheses: a package of a flake, a program with packages, an environment, or something else. */
function entryOfGroup(group: readonly Token[], selected: readonly string[]): ContentsEntry {
  const [, name, reference] = group;
  if (
    group.length === 4 &&
    name?.text === 'packagesOf' &&
    reference?.kind === 'string' &&
    selected.length > 0
  )
    return { name: `${reference.text}#${nameOfPath(selected)}`, path: selected, flake: reference.text };
  const open = group.findIndex((token) => isMark(token, '['));
  if (name?.text === 'buildEnv' && open !== -1)
    return { name: 'buildEnv', paths: entriesOf(group, open + 1) };
  const program = name === undefined ? [] : [name.text, ...selectedFrom(group, 2)];
  const function_ = program.at(-1) ?? '';
  if (open !== -1 && (/^(ghcW|w)ith[A-Z]/.test(function_) || isWrapper(program))) {
    const path = program[0] === 'pkgs' ? program.slice(1, -1) : program.slice(0, -1);
    const members = entriesOf(group, open + 1).map((entry) => entry.path?.slice(1) ?? []);
    return { name: nameOfPath(path), path, members };
  }
  const text = group.map((part) => part.text).join(' ');
  return { name: [text, ...selected].join('.') };
}

/** `rWrapper.override` */
function isWrapper(program: readonly string[]): boolean {
  return program.at(-1) === 'override' && program.at(-2)?.endsWith('Wrapper') === true;
}

/** An attribute path as a user writes it: only what would read as another path is quoted. */
function nameOfPath(path: readonly string[]): string {
  return path.map((part) => (/[.\s"]/.test(part) ? JSON.stringify(part) : part)).join('.');
}

/** The index after the bracket that closes the one at `at`, or after the single mark there. */
function afterGroup(tokens: readonly Token[], at: number): number {
  let depth = 0;
  for (let index = at; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token?.kind === 'mark' && '([{'.includes(token.text)) depth += 1;
    else if (token?.kind === 'mark' && ')]}'.includes(token.text)) depth -= 1;
    if (depth <= 0) return index + 1;
  }
  return tokens.length;
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text;
}

const lexeme =
  /(?<skip>\s+|#[^\n]*|\/\*[\s\S]*?\*\/)|(?<name>[A-Za-z_][A-Za-z0-9_'-]*)|"(?<string>(?:[^"\\]|\\[\s\S])*)"|(?<indented>''(?:'''|''\$|''\\[\s\S]|(?!'')[\s\S])*'')|(?<mark>[\s\S])/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  lexeme.lastIndex = 0;
  for (let match = lexeme.exec(text); match !== null; match = lexeme.exec(text)) {
    const groups = match.groups ?? {};
    if (groups['name'] !== undefined) tokens.push({ kind: 'name', text: groups['name'] });
    else if (groups['string'] !== undefined)
      tokens.push({ kind: 'string', text: unescaped(groups['string']) });
    else if (groups['indented'] !== undefined) tokens.push({ kind: 'string', text: groups['indented'] });
    else if (groups['mark'] !== undefined) tokens.push({ kind: 'mark', text: groups['mark'] });
  }
  return tokens;
}

const escapes: { readonly [letter: string]: string } = { n: '\n', r: '\r', t: '\t' };

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, (_, letter: string) => escapes[letter] ?? letter);
}
