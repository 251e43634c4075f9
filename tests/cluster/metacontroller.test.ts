import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { hookOptions } from '../../hooks/configuration.ts';
import { startHook } from '../../hooks/main.ts';
import { openStore } from '../../oci/store/store.ts';
import { openTree } from '../../oci/store/tree.ts';
import { startKeeper } from '../../registry/start.ts';
import type { RunningServer } from '../../runtime/httpServer.ts';
import { createLogger } from '../../runtime/log.ts';
import { readOptions } from '../../runtime/options.ts';
import { type Cluster, controllerFile, startCluster } from './support/cluster.ts';
import {
  applyMetacontrollerDefinitions,
  metacontrollerCommand,
  metacontrollerFlags,
  metacontrollerTitle,
} from './support/metacontroller.ts';
import { until } from './support/processes.ts';

const example = fileURLToPath(new URL('../../examples/curl-and-jq.yaml', import.meta.url));
const token = 'a-token-for-this-test';

describe(`the hook under ${metacontrollerTitle}`, () => {
  let cluster: Cluster;
  let keeper: RunningServer;
  let hook: RunningServer;

  before(async () => {
    cluster = await startCluster();
    const tokenFile = `${cluster.folder}/token`;
    await writeFile(tokenFile, token);
    const logger = createLogger({ name: 'test', level: 'silent' });
    keeper = await startKeeper(
      {
        store: `${cluster.folder}/store`,
        host: '127.0.0.1',
        port: 0,
        initialise: true,
        drainMilliseconds: 100,
        token,
      },
      logger,
    );
    const words = [
      '--host=127.0.0.1',
      '--port=0',
      `--token-file=${tokenFile}`,
      `--keeper-token-file=${tokenFile}`,
    ];
    const { values } = readOptions(hookOptions, {
      words: [...words, `--keeper-url=${keeper.url}`],
      environment: {},
    });
    hook = await startHook(values, logger);
    await enableNamespace(await get('namespace', 'default', '{.metadata.uid}'));
    await install();
  });
  after(async () => {
    await cluster.close();
    await hook.close();
    await keeper.close();
  });

  const get = async (kind: string, name: string, path: string): Promise<string> =>
    (await cluster.kubectl(['get', kind, name, '-o', `jsonpath=${path}`])).stdout;

  async function enableNamespace(uid: string): Promise<void> {
    const answer = await fetch(`${keeper.url}/internal/v1/namespaces/default`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ uid }),
    });
    assert.equal(answer.status, 201);
  }

  async function install(): Promise<void> {
    await applyMetacontrollerDefinitions(cluster);
    await cluster.kubectl(['create', 'namespace', 'niximage-system']);
    const secret = ['create', 'secret', 'generic', '-n', 'niximage-system', 'niximage-hook-token'];
    await cluster.kubectl([...secret, `--from-literal=token=${token}`]);
    const service = 'http://niximage-hook.niximage-system.svc';
    const controller = (await readFile(controllerFile, 'utf8')).replaceAll(service, hook.url);
    await until(async () => (await cluster.kubectl(['apply', '-f', '-'], controller)).exitCode === 0, 30_000);
    const [program, ...words] = metacontrollerCommand;
    cluster.start('metacontroller', program, [
      ...words,
      `--kubeconfig=${cluster.kubeconfig}`,
      '--metrics-address=127.0.0.1:0',
      '--health-probe-bind-address=127.0.0.1:0',
      ...metacontrollerFlags,
    ]);
  }

  test('an image goes from apply to Pod, to Built, to gone', async () => {
    await cluster.kubectl(['apply', '-f', example]);
    await until(
      async () => (await cluster.kubectl(['get', 'pods', '-o', 'name'])).stdout !== '',
      30_000,
      () => cluster.readLog('metacontroller'),
    );
    const hash = await get('niximage', 'curl-and-jq', '{.status.build.inputHash}');
    assert.equal(await get('niximage', 'curl-and-jq', '{.status.state}'), 'BuildPending');
    const pods = await cluster.kubectl(['get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}']);
    assert.equal(pods.stdout, `curl-and-jq-${hash.slice(0, 10)}-1`);

    await publish(hash);
    await cluster.kubectl(['annotate', 'niximage', 'curl-and-jq', 'test=look']);
    const waited = await cluster.kubectl([
      'wait',
      '--for=condition=Ready',
      '--timeout=30s',
      'niximage/curl-and-jq',
    ]);
    assert.equal(waited.exitCode, 0, waited.stderr);
    const table = await cluster.kubectl(['get', 'niximages']);
    assert.match(table.stdout, /^NAME +VERSION +STATUS\ncurl-and-jq +v1 +Built *$/);
    await until(async () => (await cluster.kubectl(['get', 'pods', '-o', 'name'])).stdout === '', 30_000);

    const deleted = await cluster.kubectl(['delete', 'niximage', 'curl-and-jq', '--timeout=30s']);
    assert.equal(deleted.exitCode, 0, deleted.stderr);
    assert.equal(await (await tree()).reader.tags('curl-and-jq'), undefined);
  });

  test('an image waits for its ConfigMap, and is built again when the text changes', async () => {
    const waiting = `{.status.conditions[?(@.type=="Ready")].reason}`;
    const image = {
      apiVersion: 'k8s.nixos.org/v1',
      kind: 'NixImage',
      metadata: { name: 'app' },
      data: { contents: ['hello'], files: [{ path: '/etc/app', configMap: { name: 'app', key: 'conf' } }] },
    };
    await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(image));
    await until(async () => (await get('niximage', 'app', waiting)) === 'ConfigMapMissing', 30_000);
    const hash = () => get('niximage', 'app', '{.status.build.inputHash}');
    await cluster.kubectl(['create', 'configmap', 'app', '--from-literal=conf=one']);
    await until(async () => (await hash()) !== '', 30_000);
    const first = await hash();
    await cluster.kubectl(['patch', 'configmap', 'app', '-p', '{"data":{"conf":"two"}}']);
    await until(async () => (await hash()) !== first, 30_000);
    const second = await hash();
    await until(async () => {
      const pods = await cluster.kubectl(['get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}']);
      return pods.stdout === `app-${second.slice(0, 10)}-1`;
    }, 30_000);
    const deleted = await cluster.kubectl(['delete', 'niximage', 'app', '--timeout=30s']);
    assert.equal(deleted.exitCode, 0, deleted.stderr);
  });

  test('held back, let go on and built again, by the commands of docs/reference.md', async () => {
    const page = await readFile(new URL('../../docs/reference.md', import.meta.url), 'utf8');
    const commands = [...page.matchAll(/^\$ (kubectl (?:annotate|patch) niximage\/curl-and-jq .*)$/gm)];
    const [again = '', hold = '', goOn = ''] = commands.map(([, command]) => command ?? '');
    const run = (command: string) =>
      execa('bash', ['-c', `kubectl() { "$KUBECTL" "$@"; }; ${command}`], {
        env: { KUBECTL: cluster.kubectlProgram, KUBECONFIG: cluster.kubeconfig },
      });
    const pods = async () =>
      (await cluster.kubectl(['get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}'])).stdout;
    const hash = () => get('niximage', 'curl-and-jq', '{.status.build.inputHash}');
    const reason = () => get('niximage', 'curl-and-jq', '{.status.conditions[?(@.type=="Ready")].reason}');
    await cluster.kubectl(['apply', '-f', example]);
    await until(async () => (await pods()) !== '', 30_000);
    await run(hold);
    await until(async () => (await reason()) === 'Suspended' && (await pods()) === '', 30_000);
    await run(goOn);
    await until(async () => (await pods()) !== '', 30_000);
    const first = await hash();
    await run(again);
    await until(async () => {
      const second = await hash();
      return second !== first && (await pods()) === `curl-and-jq-${second.slice(0, 10)}-1`;
    }, 30_000);
    const deleted = await cluster.kubectl(['delete', 'niximage', 'curl-and-jq', '--timeout=30s']);
    assert.equal(deleted.exitCode, 0, deleted.stderr);
  });

  test('a namespace that is deleted takes its images along, though the keeper is away', async () => {
    await cluster.kubectl(['create', 'namespace', 'going']);
    await cluster.kubectl(['apply', '-n', 'going', '-f', example]);
    const finalizers = [
      'get',
      'niximage',
      'curl-and-jq',
      '-n',
      'going',
      '-o',
      'jsonpath={.metadata.finalizers}',
    ];
    await until(async () => (await cluster.kubectl(finalizers)).stdout !== '', 30_000);
    await keeper.close();
    const deleted = await cluster.kubectl(['delete', 'namespace', 'going', '--timeout=60s']);
    assert.equal(deleted.exitCode, 0, deleted.stderr);
  });

  async function tree() {
    const store = await openStore(`${cluster.folder}/store`);
    return await openTree(store.treePath('default'), 'test');
  }

  /** Publishes what a builder would: there is no kubelet here to run one. */
  async function publish(inputHash: string): Promise<void> {
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const namespace = await tree();
    const config = {
      mediaType: 'application/json',
      digest: await namespace.putBlob(Buffer.from('{}')),
      size: 2,
    };
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] }));
    await namespace.publish('curl-and-jq', 'v1', {
      digest: await namespace.putManifest('curl-and-jq', manifest),
      mediaType,
      manifestSize: manifest.length,
      size: 2,
      created: await get('niximage', 'curl-and-jq', '{.metadata.creationTimestamp}'),
      ordinal: 1,
      uid: await get('niximage', 'curl-and-jq', '{.metadata.uid}'),
      inputHash,
    });
  }
});
