import { readFile } from 'node:fs/promises';

/** What a folder may import of the project's other folders. */
export interface FolderRule {
  readonly folder: string;
  /** Folders and single files whose values and types may be imported. */
  readonly values: readonly string[];
  /** Folders of which only types may be imported. */
  readonly types: readonly string[];
  readonly anything: boolean;
}

/** The table under "Folders" in docs/architecture.md, the only place where these rules stand. */
export async function readFolderTable(): Promise<FolderRule[]> {
  const text = await readFile(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
  return parseFolderTable(text);
}

/** Rows of `| folders | what | may import |`; a cell that it does not understand is an error, never a permission. */
export function parseFolderTable(markdown: string): FolderRule[] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^\| *folder *\|.*\| *may import *\|$/.test(line));
  if (start === -1) throw new Error('there is no table "| folder | ... | may import |"');
  const rules: FolderRule[] = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break;
    const [folders = '', , permission = ''] = line.split('|').slice(1, -1);
    const above = rules.map((rule) => rule.folder);
    for (const [, folder = ''] of folders.matchAll(/`([^`]+)\/`/g))
      rules.push({ folder, ...parsePermission(permission.trim(), above) });
  }
  return rules;
}

function parsePermission(cell: string, above: readonly string[]): Omit<FolderRule, 'folder'> {
  if (cell === 'anything') return { values: [], types: [], anything: true };
  if (cell === 'all of the above') return { values: above, types: [], anything: false };
  const list = cell.replace(/^nothing of ours( but )?/, '');
  const values: string[] = [];
  const types: string[] = [];
  for (const item of list.split(', ').filter((one) => one !== '')) {
    const match = /^`([^`]+)`( \(types\))?$/.exec(item);
    if (match?.[1] === undefined) throw new Error(`"${cell}" in the folder table cannot be read`);
    (match[2] === undefined ? values : types).push(match[1]);
  }
  return { values, types, anything: false };
}
