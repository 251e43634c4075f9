import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** What a kubelet must be able to limit. */
const controllers = ['cpu', 'cpuset', 'memory', 'pids'];

/**
 * Makes a control group: one in each hierarchy of version 1, or one in the only hierarchy of version 2 with the
 * controllers that a kubelet needs. https://docs.kernel.org/admin-guide/cgroup-v2.html#enabling-and-disabling
 * @param {string} root where they are mounted: /sys/fs/cgroup
 * @param {string} name
 * @returns {Promise<string[]>} its folders.
 */
export async function makeControlGroups(root, name) {
  // Version 2 beside version 1 has no controllers.
  const folders = (await controlGroupFolders(root, name)).filter(
    (folder) => folder !== join(root, 'unified', name),
  );
  for (const folder of folders) await mkdir(folder, { recursive: true });
  if (await isUnified(root)) for (const folder of [root, join(root, name)]) await enable(folder);
  return folders;
}

/**
 * Every folder that a control group may have.
 * @param {string} root
 * @param {string} name
 */
export async function controlGroupFolders(root, name) {
  return (await hierarchies(root)).map((hierarchy) => join(hierarchy, name));
}

/** @param {string} root */
async function hierarchies(root) {
  if (await isUnified(root)) return [root];
  const entries = await readdir(root, { withFileTypes: true });
  // A link is another name of a hierarchy: cpu of cpu,cpuacct.
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name));
}

/** @param {string} root */
async function isUnified(root) {
  return (await readdir(root)).includes('cgroup.controllers');
}

/**
 * Gives a group's children the controllers.
 * @param {string} folder
 */
async function enable(folder) {
  const there = (await readFile(join(folder, 'cgroup.controllers'), 'utf8')).trim().split(' ');
  const missing = controllers.filter((controller) => !there.includes(controller));
  if (missing.length > 0) throw new Error(`the control group ${folder} has no ${missing.join(', ')}`);
  await writeFile(
    join(folder, 'cgroup.subtree_control'),
    controllers.map((controller) => `+${controller}`).join(' '),
  );
}

/**
 * Removes a control group and all below it, and ends what runs in it still.
 * @param {string} folder Its files are the kernel's; the innermost folders go first.
 * @param {number} [until] milliseconds since 1970. What is ended is gone a moment later only.
 */
export async function removeControlGroup(folder, until = Date.now() + 20_000) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries)
    if (entry.isDirectory()) await removeControlGroup(join(folder, entry.name), until);
  for (;;) {
    try {
      return await rmdir(folder);
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || Date.now() > until) throw error;
      await endMembers(folder);
      await delay(50);
    }
  }
}

/** @param {string} folder */
async function endMembers(folder) {
  const members = (await readFile(join(folder, 'cgroup.procs'), 'utf8')).split('\n').map(Number);
  for (const member of members) {
    try {
      // 0 is a process that is in no namespace of this process'.
      if (member > 0) process.kill(member, 'SIGKILL');
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
    }
  }
}
