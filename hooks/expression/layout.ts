import { renderAttribute } from './attributePath.ts';
import { escapeString } from './escape.ts';

/** A piece of a Nix expression, laid on one line where it fits. */
export type Node =
  /** Text that stands as it is. */
  | { readonly kind: 'Raw'; readonly text: string }
  | { readonly kind: 'List'; readonly before?: string; readonly items: readonly Node[] }
  | {
      readonly kind: 'Set';
      readonly before?: string;
      readonly entries: readonly Entry[];
    }
  | { readonly kind: 'Applied'; readonly function: string; readonly argument: Node }
  /** An application as an entry of a list: in parentheses. */
  | { readonly kind: 'Grouped'; readonly inner: Node }
  /** Lines of an indented string, each with its escapes. */
  | { readonly kind: 'Lines'; readonly lines: readonly string[] }
  | { readonly kind: 'Concat'; readonly parts: readonly Node[] };

export type Entry = readonly [name: string, value: Node];

export const raw = (text: string): Node => ({ kind: 'Raw', text });
export const string = (text: string): Node => raw(escapeString(text));
export const strings = (texts: readonly string[]): Node => ({ kind: 'List', items: texts.map(string) });

/** A function called with a set, as an entry of a list. */
export function call(name: string, entries: readonly Entry[]): Node {
  return { kind: 'Grouped', inner: { kind: 'Set', before: `${name} `, entries } };
}

/** A value of JSON's. */
export function json(value: unknown): Node {
  if (typeof value === 'string') return string(value);
  if (typeof value === 'number') return raw(numberText(value));
  if (Array.isArray(value)) return { kind: 'List', items: value.map(json) };
  if (typeof value !== 'object' || value === null) return raw(String(value));
  return { kind: 'Set', entries: Object.entries(value).map(([name, each]) => [name, json(each)]) };
}

/** Nix has no `1e3`, and would take a negative number in a list for a subtraction. */
function numberText(value: number): string {
  if (!Number.isSafeInteger(value)) return `(builtins.fromJSON ${escapeString(JSON.stringify(value))})`;
  return value < 0 ? `(${value})` : String(value);
}

/** Tabs and printable characters, none of them where an escape of an indented string would read otherwise. */
const plainLine = /^(?!.*(?:'''|'\$\{))[^\0-\x08\n-\x1f\x7f]*$/;

/**
 * A text as an indented string where its lines can stand in it as they are, else by escaping:
 * https://nix.dev/manual/nix/stable/language/string-literals
 */
export function multiline(value: string): Node {
  const lines = value.split('\n');
  const isPlain =
    lines.pop() === '' &&
    lines.every((line) => plainLine.test(line) && line.isWellFormed()) &&
    // Spaces before every line would be taken for the expression's own indentation; so would a line of blanks.
    lines.some((line) => /^\S/.test(line)) &&
    !lines.some((line) => /^\s+$/.test(line));
  if (!isPlain) return string(value);
  return { kind: 'Lines', lines: lines.map((line) => line.replaceAll("''", "'''").replaceAll('${', "''${")) };
}

const width = 120;

/** The text of a node whose first line begins in the column `indent`; further lines are indented by it. */
export function layOut(node: Node, indent = 0, used = 0): string {
  const line = oneLine(node);
  if (line !== undefined && indent + used + line.length <= width) return line;
  const inner = ' '.repeat(indent + 2);
  const outer = ' '.repeat(indent);
  switch (node.kind) {
    case 'Raw':
      return node.text;
    case 'List':
      return `${node.before ?? ''}[\n${node.items.map((item) => `${inner}${layOut(item, indent + 2)}\n`).join('')}${outer}]`;
    case 'Set':
      return `${node.before ?? ''}{\n${node.entries.map((entry) => `${inner}${entryText(entry, indent + 2)}\n`).join('')}${outer}}`;
    case 'Applied':
      return `${node.function} ${layOut(node.argument, indent, used + node.function.length + 1)}`;
    case 'Grouped':
      return `(${layOut(node.inner, indent, used + 1)})`;
    case 'Lines':
      return `''\n${node.lines.map((each) => (each === '' ? '\n' : `${inner}${each}\n`)).join('')}${outer}''`;
    case 'Concat':
      return node.parts.map((part) => layOut(part, indent)).join(`\n${outer}++ `);
  }
}

function entryText([name, value]: Entry, indent: number): string {
  const left = `${renderAttribute(name)} = `;
  return `${left}${layOut(value, indent, left.length + 1)};`;
}

/** The node on one line; undefined where a person would not write it so. */
function oneLine(node: Node): string | undefined {
  switch (node.kind) {
    case 'Raw':
      return node.text;
    case 'Applied': {
      const argument = oneLine(node.argument);
      return argument === undefined ? undefined : `${node.function} ${argument}`;
    }
    case 'Grouped': {
      const inner = oneLine(node.inner);
      return inner === undefined ? undefined : `(${inner})`;
    }
    case 'Lines':
      return undefined;
    case 'List': {
      const items = node.items.map(oneLine);
      return items.includes(undefined)
        ? undefined
        : `${node.before ?? ''}[ ${items.map((item) => `${item} `).join('')}]`;
    }
    case 'Set': {
      if (node.entries.length === 0) return `${node.before ?? ''}{ }`;
      const values = node.entries.map(([name, value]) => {
        const line = value.kind === 'Set' && value.entries.length > 0 ? undefined : oneLine(value);
        return line === undefined ? undefined : `${renderAttribute(name)} = ${line};`;
      });
      return values.includes(undefined) ? undefined : `${node.before ?? ''}{ ${values.join(' ')} }`;
    }
    case 'Concat': {
      const parts = node.parts.map(oneLine);
      return parts.includes(undefined) ? undefined : parts.join(' ++ ');
    }
  }
}
