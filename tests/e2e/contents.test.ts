import assert from 'node:assert/strict';
import { lstat, mkdir, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type GitRepository, gitRepository } from '../support/gitRepository.ts';
import { built, type Data, refused, unpacked } from './support/builds.ts';

/** The outputs of a flake whose packages, for any machine, are files below `said/` with these texts, as Nix has them. */
function flakeOf(packages: Readonly<Record<string, string>>, attribute = 'packages'): string {
  const entries = Object.entries(packages).map(
    ([name, text]) => `${name} = derivation {
        name = "said"; inherit system; builder = "/bin/sh";
        args = [ "-c" "/bin/mkdir -p $out/said; echo ${text} > $out/said/${name}" ];
      };`,
  );
  return `{
  outputs = inputs: let
    systems = { x86_64-linux = 1; aarch64-linux = 1; };
    each = builtins.mapAttrs (system: _: { ${entries.join('\n')} }) systems;
  in { ${attribute} = each; };
}`;
}

async function saidIn(root: string, name: string): Promise<string> {
  const link = join(root, 'said', name);
  return (await readFile(join(root, await readlink(link)), 'utf8')).trim();
}

describe('packages of flakes', () => {
  test('beside those of nixpkgs, by name and by default, also from a folder of the repository', async (t) => {
    const repository = await gitRepository(t);
    await mkdir(join(repository.folder, 'sub'));
    await repository.commit({
      'flake.nix': flakeOf({ cli: '${"of the root"}', default: 'default' }),
      'sub/flake.nix': flakeOf({ below: 'below' }),
    });
    const flake = `git+${repository.url}`;
    const contents = [`${flake}#cli`, 'hello', flake, `${flake}?dir=sub#below`];
    const root = await unpacked(await built(t, { contents, defaults: false }));
    assert.equal(await saidIn(root, 'cli'), 'of the root');
    assert.equal(await saidIn(root, 'default'), 'default');
    assert.equal(await saidIn(root, 'below'), 'below');
    await lstat(join(root, 'bin/hello'));
  });

  test('as legacyPackages has them', async (t) => {
    const repository = await gitRepository(t);
    await repository.commit({
      'flake.nix': flakeOf({ only: 'x' }, 'legacyPackages'),
    });
    const root = await unpacked(
      await built(t, { contents: [`git+${repository.url}#only`], defaults: false }),
    );
    assert.equal(await saidIn(root, 'only'), 'x');
  });

  test('what the lock file says holds, though the input went on', async (t) => {
    const { outer, inner } = await locked(t);
    await inner.commit({ word: 'second' });
    const root = await unpacked(await built(t, { contents: [`git+${outer.url}#cli`], defaults: false }));
    assert.equal(await saidIn(root, 'cli'), 'first');
  });

  test('an input that no lock file names is refused', async (t) => {
    const { outer } = await locked(t);
    await outer.git('rm', '--quiet', 'flake.lock');
    await outer.commit({ other: '' });
    assert.match(
      await refused(t, { contents: [`git+${outer.url}#cli`] }),
      /cannot write modified lock file of flake|requires lock file changes/,
    );
  });

  test('a name that a flake has not is told with those that are near', async (t) => {
    const repository = await gitRepository(t);
    await repository.commit({ 'flake.nix': flakeOf({ cli: 'x' }) });
    const flake = `git+${repository.url}`;
    const said = await refused(t, { contents: ['hello', `${flake}#clii`] });
    assert.ok(
      said.includes(
        `data.contents: ${flake}#clii: the package set has no attribute of this name; did you mean ${flake}#cli?`,
      ),
      said,
    );
  });
});

/** A flake with an input whose word it says, locked to the word `first`. */
async function locked(t: TestContext): Promise<{ outer: GitRepository; inner: GitRepository }> {
  const [inner, outer] = [await gitRepository(t), await gitRepository(t)];
  const rev = await inner.commit({ word: 'first', 'flake.nix': '{ outputs = _: { }; }' });
  const text = '${builtins.readFile (inputs.inner + "/word")}';
  const flake = flakeOf({ cli: text }).replace('{', `{ inputs.inner.url = "git+${inner.url}";`);
  const lock = {
    version: 7,
    root: 'root',
    nodes: {
      root: { inputs: { inner: 'inner' } },
      inner: {
        original: { type: 'git', url: inner.url },
        locked: { type: 'git', url: inner.url, rev, ref: 'refs/heads/main' },
      },
    },
  };
  await outer.commit({ 'flake.nix': flake, 'flake.lock': JSON.stringify(lock) });
  return { outer, inner };
}

describe('a program with packages of its own', () => {
  test('a package that is not there is told with those that are near', async (t) => {
    const said = await refused(t, {
      contents: ['hello'],
      withPackages: [{ package: 'python3', packages: ['idna', 'reqests'] }],
    });
    assert.match(
      said,
      /data\.withPackages: python3: reqests: the package set has no attribute of this name; did you mean requests\?/,
    );
  });

  test('one that has none is told by its name', async (t) => {
    const said = await refused(t, { withPackages: [{ package: 'jq', packages: ['a'] }] });
    assert.match(said, /data\.withPackages: jq: .*attribute 'withPackages' missing/);
  });
});

describe('links to the files of packages', () => {
  test('only in some folders, below another, and of further outputs', async (t) => {
    const root = await unpacked(
      await built(t, {
        contents: ['curl', 'jq'],
        buildEnv: {
          pathsToLink: ['/bin', '/include/x86_64-linux-gnu/curl'],
          extraOutputsToInstall: ['dev'],
          extraPrefix: '/opt',
        },
        defaults: false,
      }),
    );
    assert.deepEqual(await readdir(root), ['nix', 'opt']);
    assert.deepEqual(await readdir(join(root, 'opt')), ['bin', 'include']);
    for (const file of ['bin/curl', 'bin/jq', 'include/x86_64-linux-gnu/curl/curl.h'])
      await lstat(join(root, 'opt', file));
  });

  const first = `first = final.writeTextDir "etc/a" "first";`;
  const overlays = [{ inline: `final: prev: { ${first} second = final.writeTextDir "etc/a" "second"; }` }];
  const contents = ['first', 'second'];

  test('two files of one name are refused where the environment looks', async (t) => {
    assert.match(await refused(t, { contents, overlays, buildEnv: {} }), /contain a conflicting subpath/);
  });

  test('or the first of them is taken', async (t) => {
    const buildEnv = { ignoreCollisions: true };
    const root = await unpacked(await built(t, { contents, overlays, buildEnv, defaults: false }));
    const file = await readlink(join(root, 'etc/a'));
    assert.equal(await readFile(join(root, file), 'utf8'), 'first');
  });

  test('what is wrong with a package is told by its own name', async (t) => {
    const buildEnv = { pathsToLink: ['/bin'] };
    assert.match(
      await refused(t, { contents: ['hello', 'crul'], buildEnv }),
      /data\.contents: crul: the package set has no attribute of this name; did you mean curl\?/,
    );
    assert.match(
      await refused(t, { contents: ['hello', 'no-package-set'], buildEnv }),
      /data\.contents: no-package-set: this attribute is not a package but a set/,
    );
    assert.match(
      await refused(t, { contents: ['hello', 'needs-broken'], buildEnv }),
      /data\.contents: needs-broken: broken-build does not build/,
    );
  });
});

test('a pipeline of layers is refused by the offline set, with a sentence', async (t) => {
  const layeringPipeline = [['popularity_contest']];
  assert.match(
    await refused(t, { contents: ['hello'], layeringPipeline }),
    /The demo package set knows no layeringPipeline/,
  );
});

test('what is excluded is left out, though another needs it', async (t) => {
  const data = { contents: ['tools.cli'], defaults: false };
  const names = async (more: Data): Promise<string> =>
    (await readdir(join(await unpacked(await built(t, { ...data, ...more })), 'nix/store'))).join();
  assert.match(await names({}), /-bash-/);
  assert.doesNotMatch(await names({ extraExcludePaths: ['bash'] }), /-bash-/);
});
