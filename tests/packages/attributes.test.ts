import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { nixConfig } from '../support/nixConfig.ts';
import { only, packageSetNix } from './support/nix.ts';

describe('attributes that go wrong say what Nix and nixpkgs say', () => {
  const table = [
    { expression: 'curl.no-such', says: /attribute 'no-such' missing/, reason: 'no such output' },
    { expression: 'crul', says: /undefined variable 'crul'/, reason: 'unknown name in a with' },
    {
      expression: 'pkgs.crul',
      says: /attribute 'crul' missing[^]*Did you mean curl\?/,
      reason: 'near names',
    },
    { expression: 'throws', says: /error: this package was removed in 2020/, reason: 'a throw' },
    { expression: 'endless', says: /infinite recursion encountered/, reason: 'a recursion' },
    {
      expression: 'proprietary',
      says: /Package ‘proprietary-1\.0’ in .*fixtures\.nix:\d+ has an unfree license \(‘unfree’\), refusing to evaluate\./,
      reason: 'an unfree package',
    },
    {
      expression: 'broken-build',
      says: /configuring\n[^]*builder for '.*-broken-build\.drv' failed with exit code 1/,
      reason: 'a failed build, after its log',
    },
    {
      expression: 'needs-broken',
      says: /builder for '.*-broken-build\.drv' failed[^]*1 dependencies of derivation/,
      reason: 'a failed build of a dependency is told first',
    },
    {
      expression: '"${no-package-set}"',
      says: /cannot coerce a set to a string/,
      reason: 'a set is no package',
    },
    {
      expression: '"${no-package-function}"',
      says: /cannot coerce a function to a string/,
      reason: 'nor is a function',
    },
  ] as const;
  for (const { expression, says, reason } of table)
    test(reason, async () => {
      const { failure } = await packageSetNix();
      assert.match(await failure(expression), says);
    });
});

describe('attributes that can be built', () => {
  test('one that prints 10 MB of log', async () => {
    const { folder } = await packageSetNix();
    const expression = `(import ${folder} { config.unique = "${randomUUID()}"; }).noisy`;
    const env = { NIX_CONFIG: nixConfig };
    const { stderr } = await execa('nix-build', ['--no-out-link', '-E', expression], {
      env,
      maxBuffer: 1 << 25,
    });
    assert.ok(stderr.length >= 10_000_000, `${stderr.length} characters`);
  });

  test('one that takes as long as it is told, a line a second', async () => {
    const { folder } = await packageSetNix();
    const expression = `(import ${folder} { config = { unique = "${randomUUID()}"; slowSeconds = 2; }; }).slow`;
    const env = { NIX_CONFIG: nixConfig };
    const { stderr } = await execa('nix-build', ['--no-out-link', '-E', expression], { env });
    assert.match(stderr, /^step 1 of 2$[^]*^step 2 of 2$/m);
  });

  test('a nested one, one with a dot, and one of an overlay', async () => {
    const { build, folder } = await packageSetNix();
    const [cli, dotted, greeting] = await build(
      `[ tools.cli pkgs."my.pkg" (import ${folder} { overlays = [ (import ${folder}/overlay.nix) ]; }).greeting ]`,
    );
    for (const [program, prints] of [
      [`${cli}/bin/tools-cli`, 'tools'],
      [`${dotted}/bin/my.pkg`, 'a name with a dot'],
      [`${greeting}/bin/greeting`, 'hello from an overlay'],
    ] as const) {
      const { stdout } = await execa(program);
      assert.equal(stdout, prints);
    }
  });

  test('a further output of a package is a path of its own', async () => {
    const { build } = await packageSetNix();
    const [out = '', dev = ''] = await build('[ curl curl.dev ]');
    await access(join(dev, 'include'));
    await assert.rejects(access(join(out, 'include')), { code: 'ENOENT' });
  });

  test('an overlay sees what others add, and changes what is there', async () => {
    const { evaluate, folder } = await packageSetNix();
    const set = `import ${folder} { overlays = [ (final: prev: { a = final.b; }) (final: prev: { b = prev.jq.pname; }) ]; }`;
    assert.equal(await evaluate(`(${set}).a`), 'jq');
  });
});

test('the set can be told from nixpkgs', async () => {
  const { evaluate } = await packageSetNix();
  assert.equal(await evaluate('lib.version'), 'demo');
});

test("the files of dockerTools' helpers stand where programs look", async () => {
  const { build } = await packageSetNix();
  const path = only(
    await build(
      'symlinkJoin { name = "all"; paths = with dockerTools; [ usrBinEnv binSh caCertificates fakeNss ]; }',
    ),
  );
  for (const file of [
    'usr/bin/env',
    'bin/sh',
    'etc/ssl/certs/ca-certificates.crt',
    'etc/passwd',
    'etc/group',
  ])
    await access(join(path, file));
});
