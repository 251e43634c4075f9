import { parseAttributePath, renderAttribute, renderAttributePath } from './attributePath.ts';
import { escapeString } from './escape.ts';

/** An entry of `data.contents`. */
export type ContentsEntry =
  | { readonly kind: 'Attribute'; readonly path: readonly string[] }
  | {
      readonly kind: 'Flake';
      /** What stands before the `#`. */
      readonly reference: string;
      readonly path: readonly string[];
    };

/** The function that gives a flake's packages by its reference; the expression has it where a flake is named. */
export const packagesOf = 'packagesOf';

/** Whether an entry is a package of a flake. */
export function isOfFlake(text: string): boolean {
  return text.includes(':') && /^[a-z][a-z0-9+]*:/.test(text);
}

/** Reads an entry, whose form the schema has checked: `curl.dev`, `github:owner/repo#pkg`, `github:owner/repo`. */
export function parseEntry(text: string): ContentsEntry {
  if (!isOfFlake(text)) return { kind: 'Attribute', path: parseAttributePath(text) };
  const [reference = '', ...rest] = text.split('#');
  const path = rest.length === 0 ? ['default'] : parseAttributePath(rest.join('#'));
  return { kind: 'Flake', reference, path };
}

/** The entry as it stands in `with pkgs; [ ... ]`. */
export function renderEntry(text: string): string {
  const entry = parseEntry(text);
  if (entry.kind === 'Attribute') return renderAttributePath(text);
  const path = entry.path.map(renderAttribute).join('.');
  return `(${packagesOf} ${escapeString(entry.reference)}).${path}`;
}
