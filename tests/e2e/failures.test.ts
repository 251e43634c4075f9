import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { type BuildRequest, buildImage } from '../../builder/build.ts';
import { terminationMessage } from '../../builder/report.ts';
import { openLocalStore } from '../../cli/build/localStore.ts';
import { renderExpression } from '../../hooks/expression/render.ts';
import { validateNixImage } from '../../hooks/resource/validate.ts';
import type { BuildReport } from '../../runtime/contract/report.ts';
import { ensurePackages } from '../../scripts/packages.mjs';
import { World } from '../hooks/support/world.ts';
import { type FailureRow, failureRows } from '../support/failureTable.ts';
import { nixConfig } from '../support/nixConfig.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { assertTold } from '../support/told.ts';
import { type SourceServer, sourceServer } from './support/sourceServer.ts';

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

/** An image of two layers laid upon one of 126, all of which are one file. */
const manyLayers = (folder: string) => ({
  contents: ['hello'],
  fromImage: { attribute: 'base' },
  overlays: [
    {
      inline: `final: prev: {
        base = derivation {
          name = "base.tar";
          inherit (final) system;
          builder = "/bin/sh";
          args = [ "-c" "/bin/cat ${folder}/base.tar > $out" ];
        };
      }`,
    },
  ],
});

async function writeBase(folder: string): Promise<void> {
  const layers = Array.from({ length: 126 }, () => 'layer.tar');
  await execa('tar', ['-cf', 'layer.tar', 'file'], { cwd: folder });
  const diff = createHash('sha256')
    .update(await readFile(join(folder, 'layer.tar')))
    .digest('hex');
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(() => `sha256:${diff}`) },
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: ['base:v1'], Layers: layers }];
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  await execa('tar', ['-cf', 'base.tar', 'manifest.json', 'config.json', 'layer.tar'], { cwd: folder });
}

const zeros = `sha256-${'A'.repeat(43)}=`;

const fetched = (url: string) => from({ tarball: { url } });

/** The manifest of each; `folder` holds a file, a tarball and an image. */
const causes: Readonly<Record<string, (folder: string, server: SourceServer) => Data>> = {
  'a package that is not there': () => holding('crul'),
  'a package that a program cannot have': () => ({
    withPackages: [{ package: 'python3', packages: ['idna', 'reqests'] }],
  }),
  'two packages with a file of one name, under `data.buildEnv`': () => ({
    ...holding('first', 'second'),
    overlays: [
      {
        inline: `final: prev: {
          first = final.writeTextDir "etc/a" "first";
          second = final.writeTextDir "etc/a" "second";
        }`,
      },
    ],
    buildEnv: {},
  }),
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
  'a source on a server whose name nobody knows': () => fetched('http://nowhere.invalid/a.tar.gz'),
  'a source on a server that is out of order': (_, { http }) => fetched(`${http}/503/a.tar.gz`),
  'a source on a server whose certificate nobody knows': (_, { https }) => fetched(`${https}/a.tar.gz`),
  'a source that its server does not have': (_, { http }) => fetched(`${http}/404/a.tar.gz`),
  'a source for which its server asks a password': (_, { http }) => fetched(`${http}/401/a.tar.gz`),
  'more layers than a container may have': manyLayers,
  'a disk with too little free space': () => holding('hello'),
  'a volume that is not there': () => holding('hello'),
  'a tarball with another hash': (folder) =>
    from({ tarball: { url: `file://${folder}/a.tar`, hash: zeros } }),
};

/** What else is wrong, where it is not the manifest. */
const circumstances: Readonly<Record<string, Partial<BuildRequest>>> = {
  'a disk with too little free space': { minimumFree: 2 ** 60 },
  'a volume that is not there': { store: '/nowhere/at/all' },
};

async function reportOf(t: TestContext, did: string, server: SourceServer): Promise<BuildReport> {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), 'changed');
  await writeBase(folder);
  await execa('tar', ['-cf', 'a.tar', 'file', '--transform', 's,^,top/,'], { cwd: folder });
  const validated = validateNixImage({
    apiVersion: 'k8s.nixos.org/v1',
    kind: 'NixImage',
    metadata: { name: 'x' },
    data: causes[did]?.(folder, server),
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
    environment: {
      PATH: process.env['PATH'],
      TMPDIR: folder,
      NIX_CONFIG: `${nixConfig}\ndownload-attempts = 1`,
    },
    minimumFree: 0,
    sandbox: false,
    signal: t.signal,
    ...circumstances[did],
  });
}

describe('what docs/failures.md says of what the builder sees', () => {
  let rows: ReadonlyMap<string, FailureRow>;
  let server: SourceServer;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    rows = await failureRows('What the builder sees');
    server = await sourceServer({ after: (cleanup) => void cleanups.push(cleanup) });
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  for (const did of Object.keys(causes))
    test(did, async (t) => {
      const row = rows.get(did);
      assert.ok(row !== undefined, 'it stands on the page');
      const report = await reportOf(t, did, server);
      assert.ok(report.result === 'Failed');
      const world = new World();
      world.settle();
      world.run();
      world.end('Failed', { message: terminationMessage(report) });
      const { status } = world.settle();
      await assertTold(world.body()['parent'], status, row);
      assert.equal(report.transient, row.state !== 'Failed');
    });

  test('nothing else stands there', () => {
    assert.deepEqual([...rows.keys()].toSorted(), Object.keys(causes).toSorted());
  });
});
