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
      readonly entries: readonly (readonly [name: string, value: Node])[];
    }
  /** Lines of an indented string; none may hold `''` or `${`. */
  | { readonly kind: 'Lines'; readonly lines: readonly string[] }
  | { readonly kind: 'Concat'; readonly parts: readonly Node[] };

export const raw = (text: string): Node => ({ kind: 'Raw', text });
export const string = (text: string): Node => raw(escapeString(text));
export const strings = (texts: readonly string[]): Node => ({ kind: 'List', items: texts.map(string) });

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
    case 'Lines':
      return `''\n${node.lines.map((each) => `${inner}${each}\n`).join('')}${outer}''`;
    case 'Concat':
      return node.parts.map((part) => layOut(part, indent)).join(`\n${outer}++ `);
  }
}

function entryText([name, value]: readonly [string, Node], indent: number): string {
  const left = `${renderAttribute(name)} = `;
  return `${left}${layOut(value, indent, left.length + 1)};`;
}

/** The node on one line; undefined where a person would not write it so. */
function oneLine(node: Node): string | undefined {
  switch (node.kind) {
    case 'Raw':
      return node.text;
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
