import type { Paint } from '../terminal/style.ts';
import { printable } from '../terminal/table.ts';
import type { Finding } from './finding.ts';

/** One line a check: `ok` or `to do`, what was looked at, what was seen. */
export function reportLines(findings: readonly Finding[], paint: Paint): string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings.map(({ check, ok, text }) => {
    const verdict = ok ? paint('green', 'ok   ') : paint('red', 'to do');
    return `${verdict}  ${check.padEnd(width)}  ${printable(text)}`;
  });
}
