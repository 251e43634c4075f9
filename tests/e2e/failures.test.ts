import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { buildImage } from '../../builder/build.ts';
import { openLocalStore } from '../../cli/build/localStore.ts';
import { renderExpression } from '../../hooks/expression/render.ts';
import { validateNixImage } from '../../hooks/resource/validate.ts';
import type { BuildReport } from '../../runtime/contract/report.ts';
import { ensurePackages } from '../../scripts/packages.mjs';
import { type FailureRow, failureRows } from '../support/failureTable.ts';
import { nixConfig } from '../support/nixConfig.ts';
import { temporaryFolder } from '../support/tmp.ts';

type Data = Readonly<Record<string, unknown>>;

const holding = (...contents: readonly string[]) => ({ contents });
const overlaid = (name: string, inline: string) => ({ contents: [name], overlays: [{ inline }] });
const from = (source: Data, contents = ['mine.a']) => ({ contents, sources: [{ name: 'mine', ...source }] });

/** A package whose source is a file that holds `changed`. */
const wrongHash = (folder: string) =>
  overlaid(
    'wrong',
    `final: prev: {
      wrong = derivation {
        name = "wrong";
        inherit (final) system;
        builder = "/bin/sh";
        args = [ "-c" "/bin/cat ${folder}/file > $out" ];
        outputHashAlgo = "sha256";
        outputHashMode = "flat";
        outputHash = "${'0'.repeat(64)}";
      };
    }`,
  );

const zeros = `sha256-${'A'.repeat(43)}=`;

/** The manifest of each; `folder` holds a file and a tarball. */
const causes: Readonly<Record<string, (folder: string) => Data>> = {
  'a package that is not there': () => holding('crul'),
  'a set of packages': () => holding('tools'),
  'an attribute that is missing in an overlay': () =>
    overlaid('hello', 'final: prev: {\n  hello = prev.nope;\n}\n'),
  'a syntax error in an expression': () => ({ expression: { inline: '{ pkgs }:\npkgs.\n' } }),
  'an expression that gives no image': () => ({ expression: { inline: '{ pkgs }: pkgs.hello' } }),
  'an endless recursion': () => holding('endless'),
  'a package that nixpkgs has removed': () => holding('throws'),
  'a package that is not free': () => holding('proprietary'),
  'a package with a known vulnerability': () => holding('insecure'),
  'a package that is marked as broken': () => holding('marked-broken'),
  'a package for another platform': () => holding('unsupported'),
  'a package that does not build': () => holding('jq', 'broken-build'),
  'a package that needs one which does not build': () => holding('needs-broken'),
  'a source file with other bytes than its hash says': wrongHash,
  'a source in a repository that is not there': () => from({ git: { url: 'file:///nowhere/at/all' } }),
  'a source on a server that does not answer': () =>
    from({ tarball: { url: 'http://127.0.0.1:1/a.tar.gz' } }),
  'a tarball with another hash': (folder) =>
    from({ tarball: { url: `file://${folder}/a.tar`, hash: zeros } }),
};

async function reportOf(t: TestContext, cause: (folder: string) => Data): Promise<BuildReport> {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), 'changed');
  await execa('tar', ['-cf', 'a.tar', 'file', '--transform', 's,^,top/,'], { cwd: folder });
  const validated = validateNixImage({
    apiVersion: 'k8s.nixos.org/v1',
    kind: 'NixImage',
    metadata: { name: 'x' },
    data: cause(folder),
  });
  assert.ok(validated.ok);
  const { name, namespace, data } = validated.image;
  const { tree } = await openLocalStore(join(folder, 'store'), namespace);
  return await buildImage({
    expressionText: renderExpression({ name, data }, { packageSet: 'demo' }),
    namespace,
    name,
    tag: data.tag,
    publication: { uid: 'u', created: '2026-01-01T00:00:00Z', ordinal: 1, inputHash: 'a'.repeat(64) },
    pod: 'x-1',
    packageSet: 'demo',
    nixpkgs: await ensurePackages(),
    ...(data.sources === undefined ? {} : { sources: data.sources }),
    store: tree,
    environment: { PATH: process.env['PATH'], TMPDIR: folder, NIX_CONFIG: nixConfig },
    minimumFree: 0,
    sandbox: false,
    signal: t.signal,
  });
}

describe('what docs/failures.md says of what the builder sees', () => {
  let rows: ReadonlyMap<string, FailureRow>;
  before(async () => {
    rows = await failureRows('What the builder sees');
  });

  for (const [did, cause] of Object.entries(causes))
    test(did, async (t) => {
      const row = rows.get(did);
      assert.ok(row !== undefined, 'it stands on the page');
      const report = await reportOf(t, cause);
      assert.ok(report.result === 'Failed');
      assert.match(report.message, row.message);
      assert.equal(report.reason, row.reason);
      assert.equal(report.transient, row.state !== 'Failed');
    });

  test('nothing else stands there', () => {
    assert.deepEqual([...rows.keys()].toSorted(), Object.keys(causes).toSorted());
  });
});
