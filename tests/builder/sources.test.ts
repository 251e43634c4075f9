import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { BuildError } from '../../builder/errors.ts';
import { flakeInFolder, pinnedFlake } from '../../builder/nix/pinnedFlake.ts';
import { type FetchedSource, fetchSources } from '../../builder/nix/sources.ts';
import type { OrderedSource } from '../../runtime/contract/sources.ts';
import { type GitRepository, gitRepository } from '../support/gitRepository.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { nixBench } from './support/nix.ts';

async function fetched(t: TestContext, source: OrderedSource): Promise<FetchedSource> {
  const { folder, environment } = await nixBench(t);
  const context = {
    settings: { environment, workFolder: folder, sandbox: false },
    signal: t.signal,
    expression: join(folder, 'default.nix'),
  };
  const [found] = await fetchSources(context, [source], () => {});
  assert.ok(found !== undefined);
  return found;
}

async function failure(t: TestContext, source: OrderedSource): Promise<BuildError> {
  try {
    await fetched(t, source);
  } catch (error) {
    assert.ok(error instanceof BuildError);
    return error;
  }
  assert.fail('it was fetched');
}

const textIn = ({ path }: FetchedSource) => readFile(join(path, 'file'), 'utf8');

/** Two commits on main, with the first one also on a branch and under a tag. */
async function history(t: TestContext): Promise<GitRepository & { first: string; second: string }> {
  const repository = await gitRepository(t);
  const flake = '{ outputs = _: { }; }';
  const first = await repository.commit({ file: 'first', 'flake.nix': flake });
  await repository.git('branch', 'old');
  await repository.git('tag', 'v1');
  const second = await repository.commit({ file: 'second' });
  return { ...repository, first, second };
}

async function tarballOf({ folder, first }: { folder: string; first: string }): Promise<string> {
  const file = `${folder}.tar.gz`;
  await execa('git', ['archive', '--prefix=top/', '--output', file, first], { cwd: folder });
  return file;
}

describe('git', () => {
  const rows: { reason: string; asked: object; gives: 'first' | 'second' }[] = [
    { reason: 'what HEAD is', asked: {}, gives: 'second' },
    { reason: 'a branch', asked: { ref: 'old' }, gives: 'first' },
    { reason: 'a tag', asked: { ref: 'refs/tags/v1' }, gives: 'first' },
  ];
  for (const { reason, asked, gives } of rows)
    test(reason, async (t) => {
      const repository = await history(t);
      const found = await fetched(t, { name: 'a', git: { url: repository.url, ...asked } });
      assert.equal(await textIn(found), gives);
      assert.equal(found.rev, repository[gives]);
    });

  test('a commit on whichever branch', async (t) => {
    const { url, first, git } = await history(t);
    await git('switch', '--quiet', 'main');
    assert.equal(await textIn(await fetched(t, { name: 'a', git: { url, rev: first } })), 'first');
  });

  test('what it was before, though the branch went on', async (t) => {
    const { url, commit } = await history(t);
    const source = { name: 'a', git: { url } };
    const { name: _, path: __, ...pin } = await fetched(t, source);
    await commit({ file: 'third' });
    assert.equal(await textIn(await fetched(t, { ...source, pin })), 'second');
    assert.equal(await textIn(await fetched(t, source)), 'third');
  });

  test('what a branch was, though the branch is another one now', async (t) => {
    const { url, first, git } = await history(t);
    const source = { name: 'a', git: { url, ref: 'main' } };
    const { name: _, path: __, ...pin } = await fetched(t, source);
    await git('branch', 'kept');
    await git('reset', '--quiet', '--hard', first);
    assert.equal(await textIn(await fetched(t, source)), 'first');
    assert.equal(await textIn(await fetched(t, { ...source, pin })), 'second');
  });

  test('a repository that is not there is told by its source, in the words of git', async (t) => {
    const { code, message } = await failure(t, { name: 'mine', git: { url: 'file:///nowhere/at/all' } });
    assert.equal(code, 'FetchFailed');
    assert.match(
      message,
      /^data\.sources: mine: it cannot be fetched: .*fatal: .*does not appear to be a git/,
    );
  });

  test('a branch that is not there', async (t) => {
    const { url } = await history(t);
    const { code, message } = await failure(t, { name: 'mine', git: { url, ref: 'nowhere' } });
    assert.equal(code, 'FetchFailed');
    assert.match(message, /nowhere/);
  });
});

describe('tarball', () => {
  test('its only folder is the source, and it stays what it was', async (t) => {
    const repository = await history(t);
    const file = await tarballOf(repository);
    t.after(() => execa('rm', ['-f', file]));
    const source = { name: 'a', tarball: { url: `file://${file}` } };
    const { narHash, path } = await fetched(t, source);
    assert.equal(await readFile(join(path, 'file'), 'utf8'), 'first');
    await tarballOf({ ...repository, first: repository.second });
    assert.equal(await textIn(await fetched(t, { ...source, pin: { narHash } })), 'first');
    const { code, message } = await failure(t, { ...source, pin: { narHash: `sha256:${'0'.repeat(52)}` } });
    assert.equal(code, 'HashMismatch');
    assert.match(message, /^data\.sources: a: /);
  });

  test('the package set that the operator names is told so', async (t) => {
    const url = 'file:///nowhere/at/all.tar.gz';
    const { message } = await failure(t, { name: 'nixpkgs', tarball: { url }, byOperator: true });
    assert.match(message, /^the operator's nixpkgs: it cannot be fetched: /);
  });

  test('another hash than the manifest says', async (t) => {
    const file = await tarballOf(await history(t));
    t.after(() => execa('rm', ['-f', file]));
    const hash = `sha256-${'A'.repeat(43)}=`;
    const { code } = await failure(t, { name: 'a', tarball: { url: `file://${file}`, hash } });
    assert.equal(code, 'HashMismatch');
  });
});

describe('a folder that is handed over', () => {
  test('as texts', async (t) => {
    const files = [
      { path: 'file', text: 'first' },
      { path: 'lib/.hidden', text: '' },
    ];
    const found = await fetched(t, { name: 'a', files });
    assert.equal(await textIn(found), 'first');
    assert.equal(await readFile(join(found.path, 'lib/.hidden'), 'utf8'), '');
    assert.equal(found.rev, undefined);
    assert.equal((await fetched(t, { name: 'b', files })).narHash, found.narHash);
  });

  test('on a volume, through a link, and it stays what it was', async (t) => {
    const root = await temporaryFolder(t);
    await mkdir(join(root, 'real'));
    await writeFile(join(root, 'real/file'), 'first');
    await symlink('real', join(root, 'link'));
    const source = { name: 'a', folder: join(root, 'link') };
    const { narHash, ...found } = await fetched(t, source);
    assert.equal(await readFile(join(found.path, 'file'), 'utf8'), 'first');
    await writeFile(join(root, 'real/file'), 'second');
    const { code, message } = await failure(t, { ...source, pin: { narHash } });
    assert.equal(code, 'HashMismatch');
    assert.match(message, /^data\.sources: a: it has sha256:.*, and had sha256:/);
  });

  test('on a volume that has no such folder', async (t) => {
    const { code, message } = await failure(t, { name: 'a', folder: '/nowhere/at/all' });
    assert.equal(code, 'FetchFailed');
    assert.equal(message, 'data.sources: a: there is no such folder on its volume; look at volume.path');
  });
});

describe('flake', () => {
  const rev = 'a'.repeat(40);
  const rows: { reference: string; gives: string }[] = [
    { reference: 'github:owner/repo', gives: `github:owner/repo/${rev}` },
    { reference: 'github:owner/repo/main', gives: `github:owner/repo/${rev}` },
    { reference: 'gitlab:owner/repo?ref=main&dir=sub', gives: `gitlab:owner/repo/${rev}?dir=sub` },
    { reference: 'git+https://a.example/b', gives: `git+https://a.example/b?rev=${rev}` },
    { reference: 'git+ssh://a.example/b?ref=main', gives: `git+ssh://a.example/b?ref=main&rev=${rev}` },
    { reference: `git+file:///a?rev=${'b'.repeat(40)}`, gives: `git+file:///a?rev=${rev}` },
    { reference: 'https://a.example/b.tar.gz', gives: 'https://a.example/b.tar.gz' },
  ];
  for (const { reference, gives } of rows)
    test(`${reference} of one commit`, () => assert.equal(pinnedFlake(reference, rev), gives));

  const inFolder: { reference: string; gives: string }[] = [
    { reference: 'path:/srv/a', gives: 'path:/nix/store/x' },
    { reference: 'https://a.example/b.tar.gz?dir=sub&narHash=c', gives: 'path:/nix/store/x?dir=sub' },
  ];
  for (const { reference, gives } of inFolder)
    test(`${reference} of a folder`, () => assert.equal(flakeInFolder(reference, '/nix/store/x'), gives));

  test('its commit, and the same one again', async (t) => {
    const { url, second, commit } = await history(t);
    const source = { name: 'a', flake: `git+${url}` };
    const { name: _, path: __, ...pin } = await fetched(t, source);
    assert.equal(pin.rev, second);
    await commit({ file: 'third' });
    assert.equal(await textIn(await fetched(t, { ...source, pin })), 'second');
  });

  test('a folder that holds none', async (t) => {
    const { url } = await gitRepository(t);
    const { code, message } = await failure(t, { name: 'a', flake: `git+${url}` });
    assert.equal(code, 'FetchFailed');
    assert.match(message, /^data\.sources: a: /);
  });
});
