import assert from 'node:assert/strict';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { makeControlGroups, removeControlGroup } from '../../scripts/cluster/controlGroups.mjs';
import { runFor } from '../../scripts/cluster/isolated.mjs';
import { temporaryFolder } from '../support/tmp.ts';

const scripts = fileURLToPath(new URL('../../scripts/cluster/', import.meta.url));

describe('the control group of a cluster', () => {
  test('version 1: one in each hierarchy, and none where version 2 stands beside it', async (t) => {
    const root = await temporaryFolder(t);
    for (const hierarchy of ['cpu', 'memory', 'unified']) await mkdir(join(root, hierarchy));
    const folders = await makeControlGroups(root, 'ours');
    assert.deepEqual(folders, [join(root, 'cpu/ours'), join(root, 'memory/ours')]);
    assert.deepEqual(await readdir(join(root, 'unified')), []);
  });

  /** A hierarchy of version 2; the files of a group are there before it is made, as the kernel makes them with it. */
  async function versionTwo(root: string, controllers: string): Promise<void> {
    await mkdir(join(root, 'ours'));
    for (const folder of [root, join(root, 'ours')])
      await writeFile(join(folder, 'cgroup.controllers'), `${controllers}\n`);
  }

  test('version 2: one, which hands its controllers on', async (t) => {
    const root = await temporaryFolder(t);
    await versionTwo(root, 'cpuset cpu io memory pids');
    assert.deepEqual(await makeControlGroups(root, 'ours'), [join(root, 'ours')]);
    for (const folder of [root, join(root, 'ours')])
      assert.equal(
        await readFile(join(folder, 'cgroup.subtree_control'), 'utf8'),
        '+cpu +cpuset +memory +pids',
      );
  });

  test('version 2 without a controller that a kubelet needs: an error that names it', async (t) => {
    const root = await temporaryFolder(t);
    await versionTwo(root, 'cpu io memory');
    await assert.rejects(makeControlGroups(root, 'ours'), /has no cpuset, pids$/);
  });

  test('is removed with all below it', async (t) => {
    const root = await temporaryFolder(t);
    await mkdir(join(root, 'ours/kubepods/burstable'), { recursive: true });
    await removeControlGroup(join(root, 'ours'));
    assert.deepEqual(await readdir(root), []);
    await removeControlGroup(join(root, 'ours'));
  });
});

test('a stage that takes too long is killed', async () => {
  const options = { env: process.env, seconds: 0.1, what: 'It', signal: new AbortController().signal };
  assert.equal(await runFor(['sleep', '1000'], options), 137);
});

test('what a run leaves is taken away though it is killed', async (t) => {
  const root = await temporaryFolder(t);
  const folder = join(root, 'left');
  await mkdir(folder);
  const program = `
    import { startSweeper } from ${JSON.stringify(`${scripts}sweeper.mjs`)};
    startSweeper(${JSON.stringify(folder)}, 'niximage-none');
    process.kill(process.pid, 'SIGKILL');`;
  // Its output ends with the last process that holds it: the sweeper.
  const { signal } = await execa(process.execPath, ['--input-type=module', '-e', program], { reject: false });
  assert.equal(signal, 'SIGKILL');
  await assert.rejects(access(folder), { code: 'ENOENT' });
});
