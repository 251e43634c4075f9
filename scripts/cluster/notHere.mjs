import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { controlGroupFolders, makeControlGroups, removeControlGroup } from './controlGroups.mjs';
import { isolated } from './isolated.mjs';

const run = promisify(execFile);

/**
 * Why a cluster cannot run on this machine.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} part of a sentence; undefined where one can.
 */
export async function whyNotHere(env) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  if (!(await hasGo(env))) return 'it needs Go 1.24 or newer, to build Kubernetes';
  for (const [words, reason] of /** @type {const} */ ([
    [['apt-get', '--version'], 'it needs apt, for etcd, containerd and buildah'],
    [isolated({ network: true }, ['true']), 'this machine grants no namespaces'],
    [['unshare', '--net', 'true'], 'this machine grants no network namespaces'],
  ])) {
    const [program = '', ...rest] = words;
    const problem = await run(program, rest, { env }).then(() => undefined, messageOf);
    if (problem !== undefined) return `${reason} (${problem})`;
  }
  return await whyNoControlGroups();
}

/** @param {NodeJS.ProcessEnv} env */
async function hasGo(env) {
  const version = await run('go', ['env', 'GOVERSION'], { env }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return Number(/^go1\.(\d+)/.exec(version)?.[1]) >= 24;
}

async function whyNoControlGroups() {
  const root = '/sys/fs/cgroup';
  const name = `niximage-try-${process.pid}`;
  try {
    await makeControlGroups(root, name);
    return undefined;
  } catch (error) {
    return `this machine grants no control groups (${messageOf(error)})`;
  } finally {
    for (const folder of await controlGroupFolders(root, name).catch(() => []))
      await removeControlGroup(folder);
  }
}

/** @param {unknown} error */
function messageOf(error) {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n').join(' ');
}
