import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * What is installed on this machine must not decide what is in the set.
 */
const asIfNothingWereInstalled = ['-o', 'Dir::State::status=/dev/null'];

/**
 * One package of Debian's index: the version apt would install on an empty system.
 * @typedef {{ name: string, version: string, provides: string[], depends: string[][] }} DebianPackage
 *   `depends` holds a list of alternatives for each dependency.
 */

/**
 * Looks packages up in apt's index; names the index does not hold are left out.
 * @param {readonly string[]} names
 * @returns {Promise<DebianPackage[]>}
 */
export async function lookUp(names) {
  if (names.length === 0) return [];
  const { stdout } = await run(
    'apt-cache',
    [...asIfNothingWereInstalled, 'show', '--no-all-versions', ...names],
    { maxBuffer: 1 << 26, env: { ...process.env, LC_ALL: 'C' } },
  ).catch((error) => {
    // apt-cache exits 100 when any of the names is unknown, and prints the others.
    if (error.code === 100) return { stdout: String(error.stdout) };
    throw error;
  });
  return parseIndex(stdout);
}

/**
 * Reads the stanzas of Debian's control format (deb-control(5)).
 * @param {string} text
 * @returns {DebianPackage[]}
 */
export function parseIndex(text) {
  return text
    .split(/\n{2,}/)
    .filter((stanza) => stanza.trim() !== '')
    .map((stanza) => {
      const fields = new Map(
        [...stanza.replaceAll(/\n[ \t]+/g, ' ').matchAll(/^([A-Za-z0-9-]+):[ \t]*(.*)$/gm)].map(
          ([, key = '', value = '']) => [key, value],
        ),
      );
      const list = (/** @type {string} */ key) =>
        (fields.get(key) ?? '')
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '');
      return {
        name: fields.get('Package') ?? '',
        version: fields.get('Version') ?? '',
        provides: list('Provides').map(bareName),
        depends: [...list('Pre-Depends'), ...list('Depends')].map((any) => any.split('|').map(bareName)),
      };
    });
}

/**
 * `libc6:any (>= 2.34) [amd64]` is `libc6`.
 * @param {string} dependency
 */
function bareName(dependency) {
  return dependency.trim().replace(/[\s:([].*$/s, '');
}

/**
 * A package's file as apt names it, and its hash in the signed index.
 * @typedef {{ file: string, sha256: string }} DebianFile
 */

/**
 * @param {readonly DebianPackage[]} packages
 * @returns {Promise<Map<string, DebianFile>>} by package name.
 */
export async function filesOf(packages) {
  const words = ['download', '--print-uris', ...packages.map(exactly)];
  const { stdout } = await run('apt-get', [...downloadOptions, ...words], { maxBuffer: 1 << 24 });
  return parseUris(stdout);
}

/**
 * Downloads packages into a folder; apt checks them against the signed index.
 * @param {readonly DebianPackage[]} packages
 * @param {string} folder
 */
export async function download(packages, folder) {
  if (packages.length === 0) return;
  await run('apt-get', [...downloadOptions, 'download', ...packages.map(exactly)], {
    cwd: folder,
    maxBuffer: 1 << 24,
  });
}

/** apt's own user cannot write into a folder of root's. */
const downloadOptions = [...asIfNothingWereInstalled, '-o', 'APT::Sandbox::User=root', '-q'];

/** @param {DebianPackage} one */
function exactly({ name, version }) {
  return `${name}=${version}`;
}

/**
 * Reads the lines of `apt-get download --print-uris`: `'URI' file size SHA256:hash`.
 * @param {string} text
 * @returns {Map<string, DebianFile>} by package name.
 */
export function parseUris(text) {
  const lines = text.matchAll(/^'[^']*' (\S+) \d+ SHA256:([0-9a-f]{64})$/gm);
  return new Map(
    [...lines].map(([, file = '', sha256 = '']) => [file.split('_')[0] ?? '', { file, sha256 }]),
  );
}
