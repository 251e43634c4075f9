import { createHash } from 'node:crypto';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quietly, SetUpError } from './command.mjs';

/**
 * Runs `npm ci` where node_modules is missing or was made from another lock file, and sees to it that the
 * pinned Node is there.
 * @param {string} root the repository.
 * @param {(line: string) => void} say
 */
export async function ensureNodeModules(root, say) {
  const stamp = join(root, 'node_modules/.niximage-lock');
  const lock = createHash('sha256')
    .update(await readFile(join(root, 'package-lock.json')))
    .digest('hex');
  const made = await readFile(stamp, 'utf8').catch(() => '');
  if (made !== lock && !(await isUpToDate(root))) {
    say('Installing npm packages.');
    await quietly('npm', ['ci', '--loglevel=error'], { cwd: root });
  }
  if (!(await isThere(pinnedNode(root))))
    throw new SetUpError(
      'node_modules/.bin/node is missing, as install scripts are switched off in npm: run `npm rebuild node --ignore-scripts=false`, then start again.',
    );
  if (made !== lock) await writeFile(stamp, lock);
}

/**
 * The Node that package-lock.json names.
 * @param {string} root
 */
export function pinnedNode(root) {
  return join(root, 'node_modules/node/bin/node');
}

/**
 * npm keeps a copy of the lock file it installed from; someone may have run `npm ci` or `npm install` by hand.
 * @param {string} root
 */
async function isUpToDate(root) {
  const [wanted, installed] = await Promise.all(
    ['package-lock.json', 'node_modules/.package-lock.json'].map((file) =>
      readFile(join(root, file), 'utf8').then(
        (text) => JSON.parse(text).packages,
        () => undefined,
      ),
    ),
  );
  if (installed === undefined) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || installed[path]?.version === version || optional,
  );
}

/** @param {string} file */
function isThere(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}
