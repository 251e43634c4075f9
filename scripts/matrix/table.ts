import type { Proofs, Test } from './proofs.ts';

/** A Markdown table; a bar within a cell is escaped. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}

/** The tests of a subject, as links of docs/. */
export function links(proofs: Proofs, subject: string): string {
  return (proofs.get(subject) ?? []).map(link).join(', ') || '-';
}

function link({ file, title }: Test): string {
  return `[${title.replaceAll(/[[\]|`\\]/g, (sign) => `\\${sign}`)}](../${file})`;
}
