import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { readArchive } from '../../builder/archive.ts';
import type { BuildRequest } from '../../builder/build.ts';
import { ensurePackages } from '../../scripts/packages.mjs';
import { nixConfig } from '../support/nixConfig.ts';
import { assertBuilt, imageBench, publication, storedImage } from './support/image.ts';
import { expressionOf } from './support/nix.ts';

const run = promisify(execFile);

describe('with the offline package set', () => {
  let nixpkgs = '';
  before(async () => {
    nixpkgs = await ensurePackages();
  });

  async function bench(t: TestContext) {
    const made = await imageBench(t);
    const environment = { ...made.environment, NIX_PATH: `nixpkgs=${nixpkgs}` };
    const build = (contents: string, changes: Partial<BuildRequest> = {}) =>
      made.build(contents, { environment, packageSet: 'demo', ...changes });
    return { ...made, environment, build };
  }

  test('curl, jq and bash: the layers are those of the tarball that dockerTools writes', async (t) => {
    const { build, store, folder, environment } = await bench(t);
    const report = await build('curl jq bash');
    assertBuilt(report);
    const { config } = await storedImage(store, report);
    const tarball = join(folder, 'tarball');
    await run('nix-build', ['--expr', expressionOf('curl jq bash'), '--out-link', tarball], {
      env: { ...environment, HOME: folder, NIX_CONFIG: nixConfig },
    });
    const archive = await readArchive(tarball);
    assert.deepEqual(
      config.rootfs.diff_ids,
      archive.layers.map((layer) => layer.diffId),
    );
    assert.ok(report.layers > 10);
  });

  test('a second build reuses every layer; an image beside it those they share', async (t) => {
    const { build } = await bench(t);
    const first = await build('curl jq bash');
    const second = await build('curl jq bash', {
      pod: 'second',
      publication: { ...publication, ordinal: 2 },
    });
    const other = await build('jq bash', { pod: 'other', name: 'other' });
    assertBuilt(first);
    assertBuilt(second);
    assertBuilt(other);
    assert.equal(second.digest, first.digest);
    assert.equal(second.reusedLayers, second.layers);
    assert.ok(other.reusedLayers > 1);
  });

  const rows: readonly {
    reason: string;
    contents: string;
    attribute: string;
    message: RegExp;
    logTail?: RegExp;
  }[] = [
    { reason: 'UnknownAttribute', contents: 'bash crul', attribute: 'crul', message: /did you mean curl\?/ },
    {
      reason: 'NotAPackage',
      contents: 'no-package-set',
      attribute: 'no-package-set',
      message: /a set of attributes/,
    },
    {
      reason: 'NotAPackage',
      contents: 'no-package-function',
      attribute: 'no-package-function',
      message: /a function/,
    },
    {
      reason: 'NotAPackage',
      contents: 'no-package-string',
      attribute: 'no-package-string',
      message: /a string/,
    },
    {
      reason: 'BuildFailed',
      contents: 'curl broken-build',
      attribute: 'broken-build',
      message: /broken-build does not build/,
      logTail: /reason to go on\.\.\. no$/,
    },
    {
      reason: 'BuildFailed',
      contents: 'needs-broken',
      attribute: 'needs-broken',
      message: /broken-build does not build/,
      logTail: /no$/,
    },
    { reason: 'EvaluationFailed', contents: 'curl throws', attribute: 'throws', message: /removed in 2020/ },
    {
      reason: 'PackageRefused',
      contents: 'curl proprietary',
      attribute: 'proprietary',
      message: /unfree license/,
    },
    { reason: 'EvaluationFailed', contents: 'endless', attribute: 'endless', message: /infinite recursion/ },
  ];
  for (const { reason, contents, attribute, message, logTail } of rows)
    test(`${contents}: ${reason}`, async (t) => {
      const { build } = await bench(t);
      const report = await build(contents);
      assert.ok(report.result === 'Failed', JSON.stringify(report));
      assert.equal(report.reason, reason, report.message);
      assert.equal(report.attribute, attribute);
      assert.match(report.message, message);
      assert.match(report.logTail ?? '', logTail ?? /^$/);
    });

  test('names with dots and paths into sets', async (t) => {
    const { build, store } = await bench(t);
    const report = await build('pkgs."my.pkg" tools.cli');
    assertBuilt(report);
    await storedImage(store, report);
  });
});
