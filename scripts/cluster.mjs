import { mkdir, mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ensurePackages } from './packages.mjs';
import { SetUpError } from './setup/command.mjs';
import { ensureTools } from './setup/debian.mjs';
import { pinnedNode } from './setup/npm.mjs';
import { runInForeground } from './setup/run.mjs';
import { bin, root, setUp } from './setup.mjs';

/** The exit code of what cannot be done on this machine. */
const notHere = 77;
const groups = '/sys/fs/cgroup';

/**
 * npm run test:cluster [-- FILE...]: a Kubernetes cluster of one node on this machine, and the tests on it. It runs in
 * namespaces of its own (network, mounts, processes), so that all it starts, mounts and opens goes with them.
 * @param {readonly string[]} words files, and words for node that begin with `-`.
 * @returns {Promise<number>} the exit code.
 */
async function cluster(words) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.log('cluster: skipped: it needs root on Linux');
    return notHere;
  }
  await setUp({ nix: true, tests: true });
  await ensureTools(['cluster'], (line) => console.error(line));
  await ensurePackages();
  process.chdir(root);
  const path = [
    dirname(pinnedNode(root)),
    join(root, 'node_modules/.bin'),
    bin,
    process.env['PATH'],
    '/usr/local/go/bin',
    '/usr/sbin',
    '/sbin',
  ];
  const env = { ...process.env, PATH: path.join(delimiter) };
  const folder = await mkdtemp(join(tmpdir(), 'niximage-prepared-'));
  try {
    const prepared = join(folder, 'prepared.json');
    const code = await runInForeground(pinnedNode(root), ['tests/cluster/prepare.ts', prepared], env);
    if (code !== 0) return code;
    return await runIsolated(words, { ...env, NIXIMAGE_TEST_PREPARED: prepared });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * @param {readonly string[]} words
 * @param {Record<string, string | undefined>} env
 */
async function runIsolated(words, env) {
  const controlGroup = `niximage-cluster-${process.pid}`;
  const hierarchies = await makeControlGroups(controlGroup);
  try {
    return await runInForeground('unshare', [...namespaces, ...testWords(words)], {
      ...env,
      NIXIMAGE_TEST_CONTROL_GROUP: controlGroup,
    });
  } finally {
    for (const hierarchy of hierarchies) await removeControlGroups(join(hierarchy, controlGroup));
  }
}

const namespaces = ['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];

/** @param {readonly string[]} words */
function testWords(words) {
  const files = words.filter((word) => !word.startsWith('-'));
  return [
    pinnedNode(root),
    '--test',
    '--test-concurrency=1',
    '--test-timeout=1500000',
    ...words.filter((word) => word.startsWith('-')),
    ...(files.length === 0 ? ['tests/cluster/*.test.ts'] : files),
  ];
}

/**
 * In each hierarchy of version 1, or in the only one of version 2.
 * @param {string} name
 * @returns {Promise<string[]>} the hierarchies.
 */
async function makeControlGroups(name) {
  const entries = await readdir(groups, { withFileTypes: true });
  const isUnified = entries.some((entry) => entry.name === 'cgroup.controllers');
  const hierarchies = isUnified
    ? [groups]
    : entries
        .filter((entry) => entry.isDirectory() && entry.name !== 'unified')
        .map((entry) => join(groups, entry.name));
  for (const hierarchy of hierarchies) await mkdir(join(hierarchy, name), { recursive: true });
  return hierarchies;
}

/** @param {string} folder Its files are the kernel's; the innermost folders go first. */
async function removeControlGroups(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeControlGroups(join(folder, entry.name));
  await rmdir(folder).catch((error) => {
    if (error.code !== 'ENOENT') console.error(`the control group ${folder} stays: ${error.message}`);
  });
}

try {
  process.exitCode = await cluster(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
