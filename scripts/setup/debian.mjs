import { access, rm, writeFile } from 'node:fs/promises';
import { isThere, quietly, SetUpError } from './command.mjs';
import { tools } from './debianTools.mjs';

/** @import { Tool } from './debianTools.mjs' */

/** Debian's rule for maintainer scripts: exit code 101 keeps an installed daemon from starting. */
const policy = '/usr/sbin/policy-rc.d';

/**
 * Installs what is missing of some groups of tools, where apt and root are there.
 * @param {readonly Tool['group'][]} groups
 * @param {(line: string) => void} say
 * @throws {SetUpError} that says what to install and how.
 */
export async function ensureTools(groups, say) {
  const missing = [];
  for (const tool of tools)
    if (groups.includes(tool.group) && !(await isThere(tool.command, searchPath()))) missing.push(tool);
  if (missing.length === 0) return;
  if (!(await isThere('apt-get')) || process.getuid?.() !== 0) throw new SetUpError(whatToInstall(missing));
  const names = packagesOf(missing);
  say(`Installing ${names.join(', ')} with apt.`);
  await install(names);
  const still = [];
  for (const tool of missing) if (!(await isThere(tool.command, searchPath()))) still.push(tool);
  if (still.length > 0) throw new SetUpError(whatToInstall(still));
}

/** Debian keeps some tools, runc and the plugins of CNI among them, where a user's PATH does not lead. */
function searchPath() {
  return `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/lib/cni`;
}

/** @param {readonly Tool[]} missing */
function packagesOf(missing) {
  return [...new Set(missing.map((tool) => tool.debian))].sort();
}

/**
 * One sentence: which tools are missing, and how to get them.
 * @param {readonly Tool[]} missing
 */
export function whatToInstall(missing) {
  const listed = missing.map(({ command, why }) => `${command} (${why})`).join(', ');
  const names = packagesOf(missing).join(' ');
  const nix = missing.some((tool) => tool.group === 'nix')
    ? ', or Nix with its installer from https://nixos.org/download where there is no apt'
    : '';
  const verb = missing.length === 1 ? 'is' : 'are';
  return `${listed} ${verb} missing: install ${missing.length === 1 ? 'it' : 'them'} with \`sudo apt-get install ${names}\`${nix}, then start again.`;
}

/**
 * Installs packages without a question and without starting a daemon. The index is renewed only where an
 * installation with the one at hand fails, as it does on a machine that has none yet.
 * @param {readonly string[]} names
 */
export async function install(names) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const words = ['-q', '-y', 'install', '--no-install-recommends', ...names];
  await withoutDaemons(async () => {
    try {
      await quietly('apt-get', words, { env });
    } catch {
      await quietly('apt-get', ['-q', 'update'], { env });
      await quietly('apt-get', words, { env });
    }
  });
}

/** @param {() => Promise<void>} work */
async function withoutDaemons(work) {
  const there = await access(policy).then(
    () => true,
    () => false,
  );
  if (!there) await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await work();
  } finally {
    if (!there) await rm(policy, { force: true });
  }
}
