import { createHash, randomUUID } from 'node:crypto';
import { cp, link, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closure } from './packages/closure.mjs';
import { download, filesOf, lookUp } from './packages/debianIndex.mjs';

/** @import { DebianFile, DebianPackage } from './packages/debianIndex.mjs' */

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'tests/packages');

/**
 * The folder of the offline package set, to be used as `<nixpkgs>`. It is made where it is missing or where
 * tests/packages has changed since, and never changes once it is there.
 * `.cache/packages` is a link to the newest.
 * @param {{ cache?: string, say?: (line: string) => void }} [options] `cache`: the folder to keep it in.
 * @returns {Promise<string>} an absolute path.
 */
export async function ensurePackages({
  cache = join(root, '.cache'),
  say = (line) => process.stderr.write(`${line}\n`),
} = {}) {
  const files = (await readdir(source, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
    .map((entry) => relative(source, join(entry.parentPath, entry.name)))
    .sort();
  const hash = createHash('sha256');
  for (const name of files)
    hash
      .update(`${name}\0`)
      .update(await readFile(join(source, name)))
      .update('\0');
  const sets = join(cache, 'package-sets');
  const folder = join(sets, hash.digest('hex').slice(0, 16));
  if (!(await exists(folder))) await make(folder, files, say);
  await point(join(cache, 'packages'), folder);
  return folder;
}

/**
 * @param {string} folder
 * @param {readonly string[]} files
 * @param {(line: string) => void} say
 */
async function make(folder, files, say) {
  say('Resolving the offline package set with apt.');
  const draft = `${folder}.${randomUUID()}`;
  const debs = join(draft, 'debs');
  try {
    await mkdir(debs, { recursive: true });
    const selection = JSON.parse(await readFile(join(source, 'debian.json'), 'utf8'));
    const { units, packages } = await closure(selection, lookUp);
    const fetched = await filesOf(packages);
    const missing = await takeOver(packages, fetched, debs);
    if (missing.length > 0) say(`Downloading ${missing.length} Debian packages.`);
    await download(missing, debs);
    await writeFile(
      join(draft, 'lock.json'),
      `${JSON.stringify(lockOf(selection, units, fetched), null, 1)}\n`,
    );
    for (const name of files) await cp(join(source, name), join(draft, name));
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process made the same folder in the meantime.
    if (await exists(folder)) return;
    throw error;
  }
}

/**
 * Links what an older set of this machine holds already.
 * @param {readonly DebianPackage[]} packages
 * @param {Map<string, DebianFile>} files
 * @param {string} debs
 * @returns {Promise<DebianPackage[]>} what is still to be downloaded.
 */
async function takeOver(packages, files, debs) {
  const sets = join(debs, '../..');
  const older = (await readdir(sets)).filter((name) => /^[0-9a-f]{16}$/.test(name));
  const missing = [];
  for (const one of packages) {
    const { file, sha256 } = files.get(one.name) ?? { file: '', sha256: '' };
    const places = older.map((set) => join(sets, set, 'debs', file));
    if (!(await linkFirst(places, sha256, join(debs, file)))) missing.push(one);
  }
  return missing;
}

/**
 * @param {readonly string[]} places
 * @param {string} sha256
 * @param {string} to
 */
async function linkFirst(places, sha256, to) {
  for (const place of places) {
    const bytes = await readFile(place).catch(() => undefined);
    if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== sha256) continue;
    await link(place, to);
    return true;
  }
  return false;
}

/**
 * @param {import('./packages/closure.mjs').Selection} selection
 * @param {Record<string, import('./packages/closure.mjs').Unit>} units
 * @param {Map<string, DebianFile>} fetched
 */
function lockOf(selection, units, fetched) {
  const deb = (/** @type {string} */ name) => {
    const found = fetched.get(name);
    if (found === undefined) throw new Error(`apt-get download says nothing of ${name}.`);
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

/**
 * @param {string} place
 * @param {string} folder
 */
async function point(place, folder) {
  const target = join('package-sets', folder.slice(dirname(folder).length + 1));
  const draft = `${place}.${randomUUID()}`;
  await symlink(target, draft);
  await rename(draft, place);
}

/** @param {string} path */
async function exists(path) {
  return readdir(path).then(
    () => true,
    () => false,
  );
}
