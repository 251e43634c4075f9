import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { whatToInstall } from '../../scripts/setup/debian.mjs';
import { ensureNodeModules } from '../../scripts/setup/npm.mjs';
import { temporaryFolder } from '../support/tmp.ts';

const scripts = fileURLToPath(new URL('../../scripts/', import.meta.url));

test('nothing is said and nothing is done where all is there', async () => {
  const program = `import { setUp } from ${JSON.stringify(`${scripts}setup.mjs`)}; await setUp({ nix: true, tests: true });`;
  const { all } = await execa(process.execPath, ['--input-type=module', '-e', program], { all: true });
  assert.equal(all, '');
});

test('where apt is missing, one sentence says what to install and how, and the exit code is 1', async (t) => {
  const empty = await temporaryFolder(t);
  const { exitCode, stdout, stderr } = await execa(process.execPath, [`${scripts}up.mjs`, 'x.yaml'], {
    env: { PATH: empty },
    extendEnv: false,
    reject: false,
  });
  assert.equal(exitCode, 1);
  assert.equal(stdout, '');
  assert.equal(
    stderr,
    'nix-build (builds the images) is missing: install it with `sudo apt-get install nix-bin`, or Nix with its installer from https://nixos.org/download where there is no apt, then start again.',
  );
});

test('several missing tools are one sentence, a package that holds two of them is named once', () => {
  const tool = { debian: 'containerd', why: 'pulls', group: 'tests' } as const;
  assert.equal(
    whatToInstall([
      { ...tool, command: 'ctr' },
      { ...tool, command: 'containerd' },
    ]),
    'ctr (pulls), containerd (pulls) are missing: install them with `sudo apt-get install containerd`, then start again.',
  );
});

describe('node_modules', () => {
  /** A repository of one dependency, a folder, so that npm asks nobody. */
  async function repository(folder: string, dependency: string): Promise<void> {
    await mkdir(join(folder, 'local/bin'), { recursive: true });
    await writeFile(
      join(folder, 'local/package.json'),
      JSON.stringify({ name: dependency, version: '1.0.0' }),
    );
    await writeFile(join(folder, 'local/bin/node'), '');
    const manifest = { name: 'some', version: '1.0.0', dependencies: { [dependency]: 'file:local' } };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await execa('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], { cwd: folder });
  }

  test('is installed where it is missing, and again only when the lock file is another', async (t) => {
    const folder = await temporaryFolder(t);
    const said: string[] = [];
    const ensure = (): Promise<void> => ensureNodeModules(folder, (line) => void said.push(line));
    await repository(folder, 'node');
    await ensure();
    assert.deepEqual(said, ['Installing npm packages.']);
    await ensure();
    assert.equal(said.length, 1);
    // By hand, as `npm install` would put down at once that the link is up to date.
    for (const file of ['local/package.json', 'package-lock.json']) {
      const text = await readFile(join(folder, file), 'utf8');
      await writeFile(
        join(folder, file),
        text.replace(/("name": ?"node",\s*"version": ?)"1.0.0"/, '$1"2.0.0"'),
      );
    }
    await ensure();
    assert.equal(said.length, 2);
  });

  test('without the pinned Node it says which command gets it', async (t) => {
    const folder = await temporaryFolder(t);
    await repository(folder, 'other');
    await assert.rejects(
      ensureNodeModules(folder, () => undefined),
      /install scripts are switched off in npm: run `npm rebuild node --ignore-scripts=false`/,
    );
  });
});
