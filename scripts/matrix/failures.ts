/** A row of docs/failures.md. */
export interface FailureRow {
  /** What was done, which is also the title of the row's test. */
  readonly did: string;
  readonly reason: string;
}

/** The rows under a heading of docs/failures.md. */
export function failureRows(page: string, heading: string): FailureRow[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| (.+?) \| `[^`]+` \| `([^`]+)` \| `[^`]+` \| .+ \|$/gm)];
  return rows.map(([, did = '', reason = '']) => ({ did, reason }));
}
