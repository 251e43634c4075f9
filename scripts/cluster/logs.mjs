import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Lines of each log that are shown. */
const shown = 15;

/**
 * Shows the ends of the logs of a cluster that failed, and keeps them whole.
 * @param {string} folder
 * @param {string} kept what was there is replaced.
 */
export async function showLogs(folder, kept) {
  for (const path of await logFiles(folder)) {
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    if (lines.length === 1 && lines[0] === '') continue;
    console.error(`\n== ${relative(folder, path)}: the last of ${lines.length} lines`);
    for (const line of lines.slice(-shown)) console.error(line.slice(0, 400));
  }
  await rm(kept, { recursive: true, force: true });
  await cp(folder, kept, { recursive: true });
  console.error(`\nThe logs are in ${kept}`);
}

/**
 * Shows once more which tests failed and why, below the logs: the end of an output is what is read first.
 * @param {string} report as node's `dot` reporter writes it; there is none where no test ran.
 */
export async function showFailures(report) {
  const text = await readFile(report, 'utf8').catch(() => '');
  const start = text.indexOf('Failed tests:');
  if (start !== -1) console.error(`\n${text.slice(start)}`);
}

/**
 * Those of programs, and of the Pods that are not an image's builder.
 * @param {string} folder
 */
async function logFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.log'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('/pods/') || /\/pods\/(niximage-system|metacontroller)_/.test(path))
    .sort();
}
