import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveLock } from './packages/lock.mjs';
import { isThere, SetUpError } from './setup/command.mjs';
import { ensureTools } from './setup/debian.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'tests/packages');

/**
 * The folder of the offline package set, to be used as `<nixpkgs>`. It is made where it is missing or where
 * tests/packages has changed since, and never changes once it is there.
 * `<cache>/packages` is a link to the newest.
 * @param {{ cache?: string, say?: (line: string) => void }} [options] `cache`: the folder to keep it in.
 * @returns {Promise<string>} an absolute path.
 * @throws {SetUpError} one sentence that says what is missing and how to get it.
 */
export async function ensurePackages({ cache = join(root, '.cache'), say = toStderr } = {}) {
  if (!(await isThere('apt-get')))
    throw new SetUpError(
      'The offline package set is made of Debian packages, and this machine has no apt: use `docker compose up`, or name a nixpkgs that can be reached (--nixpkgs).',
    );
  await ensureTools(['packages'], say);
  const files = await sourceFiles();
  const folder = join(cache, 'package-sets', await keyOf(files));
  if (!(await exists(folder))) await make(folder, files, say);
  await point(join(cache, 'packages'), folder);
  return folder;
}

/** @param {string} line */
function toStderr(line) {
  process.stderr.write(`${line}\n`);
}

/** The files of tests/packages that are part of the set; its tests are not. */
async function sourceFiles() {
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
    .map((entry) => relative(source, join(entry.parentPath, entry.name)))
    .sort();
}

/** @param {readonly string[]} files */
async function keyOf(files) {
  const hash = createHash('sha256');
  for (const name of files) {
    const content = await readFile(join(source, name));
    hash.update(`${name} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Makes the folder under another name and renames it once it is whole.
 * @param {string} folder
 * @param {readonly string[]} files
 * @param {(line: string) => void} say
 */
async function make(folder, files, say) {
  const draft = `${folder}.${randomUUID()}`;
  try {
    await mkdir(join(draft, 'debs'), { recursive: true });
    const selection = JSON.parse(await readFile(join(source, 'debian.json'), 'utf8'));
    const lock = await resolveLock(selection, join(draft, 'debs'), await olderDebs(dirname(folder)), say);
    await writeFile(join(draft, 'lock.json'), `${JSON.stringify(lock, null, 1)}\n`);
    for (const name of files) await cp(join(source, name), join(draft, name));
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process may have made the same folder in the meantime.
    if (!(await exists(folder))) throw error;
  }
}

/**
 * The folders of Debian packages of the sets that this machine has already.
 * @param {string} sets
 */
async function olderDebs(sets) {
  const names = await readdir(sets);
  return names.filter((name) => /^[0-9a-f]{16}$/.test(name)).map((name) => join(sets, name, 'debs'));
}

/**
 * Makes `place` a link to a set, in one step.
 * @param {string} place
 * @param {string} folder
 */
async function point(place, folder) {
  const draft = `${place}.${randomUUID()}`;
  await symlink(join('package-sets', basename(folder)), draft);
  await rename(draft, place);
}

/** @param {string} path */
function exists(path) {
  return readdir(path).then(
    () => true,
    () => false,
  );
}
