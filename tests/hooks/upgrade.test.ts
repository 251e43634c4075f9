import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { hookOptions } from '../../hooks/configuration.ts';
import { startHook } from '../../hooks/main.ts';
import { startKeeper, startServe } from '../../registry/start.ts';
import type { RunningServer } from '../../runtime/httpServer.ts';
import { createLogger } from '../../runtime/log.ts';
import { readOptions } from '../../runtime/options.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { assertStatus } from './support/status.ts';

const releases = fileURLToPath(new URL('../fixtures/releases/', import.meta.url));
const token = 'a-token-for-this-test';

interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status?: Readonly<Record<string, unknown>>;
}

/** What was on a cluster and on its volume under an earlier release, under this version of hook, keeper and registry. */
const folders = (await readdir(releases, { withFileTypes: true })).filter((entry) => entry.isDirectory());
for (const { name: release } of folders)
  describe(`the objects and the store of ${release}`, () => {
    const cleanups: (() => unknown)[] = [];
    let objects: readonly KubeObject[];
    let hook: RunningServer;
    let serve: RunningServer;

    before(async () => {
      const folder = await temporaryFolder({
        after: (cleanup: () => unknown) => void cleanups.push(cleanup),
      });
      const logger = createLogger({ name: 'test', level: 'silent' });
      const tokenFile = join(folder, 'token');
      await writeFile(tokenFile, token);
      await execa('tar', ['-xzf', `${releases}${release}/store.tar.gz`, '--no-same-owner', '-C', folder]);
      const shared = { store: folder, host: '127.0.0.1', port: 0, drainMilliseconds: 100 };
      const keeper = await startKeeper({ ...shared, token }, logger);
      serve = await startServe(shared, logger);
      const words = [
        '--host=127.0.0.1',
        '--port=0',
        `--token-file=${tokenFile}`,
        `--keeper-token-file=${tokenFile}`,
        `--keeper-url=${keeper.url}`,
        '--registry-host=localhost:30500',
        '--package-set=demo',
        // An upgrade of ours: other builders, with other needs.
        '--builder-image=niximage:next',
        '--builder-memory=3Gi',
      ];
      hook = await startHook(readOptions(hookOptions, { words, environment: {} }).values, logger);
      cleanups.push(
        () => keeper.close(),
        () => serve.close(),
        () => hook.close(),
      );
      objects = JSON.parse(await readFile(`${releases}${release}/objects.json`, 'utf8')).items;
    });
    after(async () => {
      for (const cleanup of cleanups.reverse()) await cleanup();
    });

    const image = (name: string): KubeObject =>
      objects.find(({ kind, metadata }) => kind === 'NixImage' && metadata.name === name) ??
      assert.fail(`the fixture has no NixImage ${name}`);
    const childrenOf = (name: string, kind: string): Readonly<Record<string, KubeObject>> =>
      Object.fromEntries(
        objects
          .filter((each) => each.kind === kind && each.metadata.labels?.['k8s.nixos.org/image'] === name)
          .map((each) => [each.metadata.name, each]),
      );
    const sync = async (name: string) => {
      const parent = image(name);
      const children = {
        'ConfigMap.v1': childrenOf(name, 'ConfigMap'),
        'Pod.v1': childrenOf(name, 'Pod'),
      };
      const answer = await fetch(`${hook.url}/sync`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ controller: {}, parent, children, related: {}, finalizing: false }),
      });
      assert.equal(answer.status, 200);
      const { status, children: wanted }: { status: unknown; children: readonly KubeObject[] } = JSON.parse(
        await answer.text(),
      );
      const names = (kind: string) =>
        wanted.filter((child) => child.kind === kind).map(({ metadata }) => metadata.name);
      return { status: assertStatus(status), pods: names('Pod'), configMaps: names('ConfigMap'), children };
    };

    test('an image that is Built stays as it is: its status is said again, and no Pod is wanted', async () => {
      const { status, pods, configMaps } = await sync('app');
      assert.deepEqual(status, image('app').status);
      assert.equal(status.state, 'Built');
      assert.deepEqual([...pods, ...configMaps], []);
    });

    test('an image that is being built keeps its Pod and its ConfigMap', async () => {
      const { status, pods, configMaps, children } = await sync('busy');
      assert.deepEqual(status, image('busy').status);
      assert.equal(status.state, 'Building');
      assert.deepEqual(pods, Object.keys(children['Pod.v1']));
      assert.deepEqual(configMaps, Object.keys(children['ConfigMap.v1']));
      assert.deepEqual([pods.length, configMaps.length], [1, 1]);
    });

    test('the registry serves what was written', async () => {
      const headers = { accept: 'application/vnd.oci.image.manifest.v1+json' };
      const read = (path: string) => fetch(`${serve.url}/v2/fixture/app/${path}`, { headers });
      const answer = await read('manifests/v1');
      assert.equal(answer.headers.get('docker-content-digest'), image('app').status?.['digest']);
      const { config, layers } = JSON.parse(await answer.text());
      for (const { digest, size } of [config, ...layers]) {
        const blob = await read(`blobs/${digest}`);
        assert.equal((await blob.arrayBuffer()).byteLength, size, digest);
      }
    });
  });
