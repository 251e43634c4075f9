import { readFile } from 'node:fs/promises';

/** A row of docs/failures.md: what is to be said of an image. */
export interface FailureRow {
  readonly state: string;
  readonly reason: string;
  /** Matches the whole message. */
  readonly message: RegExp;
}

const page = new URL('../../docs/failures.md', import.meta.url);

/** The rows under a heading, by what was done. */
export async function failureRows(heading: string): Promise<ReadonlyMap<string, FailureRow>> {
  const text = await readFile(page, 'utf8');
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| (.+?) \| `([^`]+)` \| `([^`]+)` \| `([^`]+)` \| .+ \|$/gm)];
  return new Map(
    rows.map(([, did = '', state = '', reason = '', message = '']) => [
      did,
      { state, reason, message: pattern(message) },
    ]),
  );
}

/** `...` stands for anything. */
function pattern(message: string): RegExp {
  // A bar is escaped within a table.
  const parts = message
    .replaceAll('\\|', '|')
    .split('...')
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`);
}
