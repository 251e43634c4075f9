import { createHash } from 'node:crypto';
import { copyFile, link, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quietly, SetUpError } from '../setup/command.mjs';
import { closure } from './closure.mjs';
import { download, filesOf, lookUp } from './debianIndex.mjs';

/** @import { Selection, Unit } from './closure.mjs' */
/** @import { DebianFile, DebianPackage } from './debianIndex.mjs' */

/**
 * A Debian package's file, and its name in the Nix store.
 * @typedef {DebianFile & { name: string }} LockedDeb
 * @typedef {{
 *   origin: string,
 *   attributes: Record<string, string>,
 *   units: Record<string, { version: string, debs: LockedDeb[], outputs: Record<string, LockedDeb>, deps: string[] }>,
 * }} Lock
 */

/**
 * Resolves a selection with apt and puts its files into `folder`.
 * @param {Selection} selection
 * @param {string} folder
 * @param {readonly string[]} older folders that may hold some of the files already.
 * @param {(line: string) => void} say
 * @returns {Promise<Lock>}
 * @throws {SetUpError}
 */
export async function resolveLock(selection, folder, older, say) {
  say('Resolving the offline package set with apt.');
  const attempt = () => resolveOnce(selection, folder, older, say);
  try {
    return await attempt();
  } catch (cause) {
    // A machine that was just made has no index; one of last month names versions that Debian no longer has.
    if (process.getuid?.() !== 0) throw unresolved(cause);
  }
  say('Renewing the index of apt.');
  await quietly('apt-get', ['-q', 'update']);
  return await attempt().catch((cause) => {
    throw unresolved(cause);
  });
}

/** @param {unknown} cause */
function unresolved(cause) {
  const why = cause instanceof Error ? cause.message.trimEnd() : String(cause);
  return new SetUpError(
    `The offline package set cannot be made (${why}): see that \`sudo apt-get update\` works, then start again.`,
    { cause },
  );
}

/**
 * @param {Selection} selection
 * @param {string} folder
 * @param {readonly string[]} older
 * @param {(line: string) => void} say
 */
async function resolveOnce(selection, folder, older, say) {
  const { units, packages } = await closure(selection, lookUp);
  const files = await filesOf(packages);
  const missing = [];
  for (const one of packages) {
    const file = files.get(one.name);
    if (file === undefined || !(await takeOver(file, older, folder))) missing.push(one);
  }
  if (missing.length > 0) say(`Downloading ${missing.length} Debian packages.`);
  await download(missing, folder);
  return lockOf(selection, units, files);
}

/**
 * Takes a file that is in one of the older folders, if it is the same.
 * @param {DebianFile} file
 * @param {readonly string[]} older
 * @param {string} folder
 */
async function takeOver({ file, sha256 }, older, folder) {
  for (const from of older) {
    const bytes = await readFile(join(from, file)).catch(() => undefined);
    if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== sha256) continue;
    const to = join(folder, file);
    // Another file system cannot be linked to.
    await link(join(from, file), to).catch(() => copyFile(join(from, file), to));
    return true;
  }
  return false;
}

/**
 * @param {Selection} selection
 * @param {Record<string, Unit>} units
 * @param {Map<string, DebianFile>} files
 * @returns {Lock}
 */
export function lockOf(selection, units, files) {
  const deb = (/** @type {string} */ name) => {
    const found = files.get(name);
    if (found === undefined) throw new Error(`apt-get download says nothing of ${name}`);
    // A store path's name refuses some characters of a Debian version.
    return { ...found, name: found.file.replaceAll(/[^A-Za-z0-9+._-]/g, '-') };
  };
  const locked = Object.entries(units).map(([name, unit]) => [
    name,
    {
      ...unit,
      debs: unit.debs.map(deb),
      outputs: Object.fromEntries(Object.entries(unit.outputs).map(([output, of]) => [output, deb(of)])),
    },
  ]);
  return { origin: 'Debian', attributes: selection.attributes, units: Object.fromEntries(locked) };
}
