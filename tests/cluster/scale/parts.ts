import { cp, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from '../support/cluster.ts';
import { freePort, type Process, until } from '../support/processes.ts';
import { balanceLoad } from './loadBalancer.ts';

const manifests = fileURLToPath(new URL('../../../metacontroller/manifests/', import.meta.url));
const program = fileURLToPath(new URL('../../../cli/niximage.mjs', import.meta.url));

/** Settings of the cluster's ConfigMap. */
export type Settings = Readonly<Record<string, string>>;

/** The processes that the Deployments ask for, on this machine. */
export interface Parts {
  /** The volume. */
  readonly store: string;
  readonly registryUrl: string;
  /** A number of the hook's metrics, of all replicas together. */
  hookMetric(name: string): Promise<number>;
  keeperMetric(name: string): Promise<number>;
  /** Stops the keeper, and starts it with other settings. */
  restartKeeper(settings: Settings): Promise<void>;
  close(): void;
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Settings;
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly spec: { readonly containers: readonly Container[] } };
  };
}

interface Container {
  readonly args: readonly string[];
}

/**
 * Applies the overlay `nfs`, whose volume is on no node of its own, and runs its Deployments' containers as processes of
 * this machine, with their arguments, settings and number: nobody here could run them as Pods.
 */
export async function startParts(cluster: Cluster, changes: Settings): Promise<Parts> {
  const store = `${cluster.folder}/store`;
  const objects = await render(cluster);
  const find = (kind: string, name: string): Manifest => {
    const found = objects.find((each) => each.kind === kind && each.metadata.name.startsWith(name));
    if (found === undefined) throw new Error(`the overlay has no ${kind} ${name}`);
    return found;
  };
  const settings = { ...find('ConfigMap', 'niximage-configuration').data, ...changes };
  const ports = { keeper: await freePort(), registry: await freePort() };
  const paths: Readonly<Record<string, string>> = {
    'http://niximage-keeper.niximage-system.svc:5002': `http://127.0.0.1:${ports.keeper}`,
    '/run/niximage/hook-token/token': `${cluster.folder}/niximage-hook-token`,
    '/run/niximage/keeper-token/token': `${cluster.folder}/niximage-keeper-token`,
    '/var/lib/niximage/store': store,
  };
  const hookPorts: number[] = [];
  for (let replica = 0; replica < (find('Deployment', 'niximage-hook').spec?.replicas ?? 1); replica += 1)
    hookPorts.push(await freePort());
  const balancer = await balanceLoad(hookPorts);

  const isOurs = ({ kind }: Manifest): boolean => kind !== 'Deployment' && kind !== 'Job';
  const text = objects
    .filter(isOurs)
    .map((each) => JSON.stringify(each))
    .join('\n---\n')
    .replaceAll('http://niximage-hook.niximage-system.svc', balancer.url);
  await until(
    async () => (await cluster.kubectl(['apply', '--server-side', '-f', '-'], text)).exitCode === 0,
    60_000,
  );
  for (const name of ['niximage-hook-token', 'niximage-keeper-token'])
    await writeFile(`${cluster.folder}/${name}`, await tokenOf(cluster, name));
  await mkdir(store);

  const start = (
    name: string,
    deployment: string,
    port: number,
    more: Settings = {},
    words: readonly string[] = [],
  ): Process => {
    const [container] = find('Deployment', deployment).spec?.template?.spec.containers ?? [];
    const given = (container?.args ?? []).map((word) =>
      word.startsWith('--port=') ? `--port=${port}` : replaced(word, paths),
    );
    const environment = Object.entries({ ...settings, ...more }).map(([key, value]) => `${key}=${value}`);
    return cluster.start(name, '/usr/bin/env', [
      ...environment,
      process.execPath,
      program,
      ...given,
      '--host=127.0.0.1',
      ...words,
    ]);
  };
  const startKeeper = async (more: Settings = {}): Promise<Process> => {
    const started = start('keeper', 'niximage-keeper', ports.keeper, more, ['--initialise', '--drain=1s']);
    await ready(cluster, 'keeper', ports.keeper);
    return started;
  };
  let keeper = await startKeeper();
  start('registry', 'niximage-registry', ports.registry);
  await ready(cluster, 'registry', ports.registry);
  for (const [replica, port] of hookPorts.entries()) {
    start(`hook-${replica}`, 'niximage-hook', port);
    await ready(cluster, `hook-${replica}`, port);
  }
  const metric = async (port: number, name: string): Promise<number> => {
    const { body } = await request(`http://127.0.0.1:${port}/metrics`);
    const lines = (await body.text()).split('\n').filter((line) => /^[^#{ ]+/.exec(line)?.[0] === name);
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };
  return {
    store,
    registryUrl: `http://127.0.0.1:${ports.registry}`,
    async hookMetric(name) {
      const values = await Promise.all(hookPorts.map((port) => metric(port, name)));
      return values.reduce((sum, value) => sum + value, 0);
    },
    keeperMetric: (name) => metric(ports.keeper, name),
    async restartKeeper(more) {
      await keeper.stop();
      keeper = await startKeeper(more);
    },
    close: () => balancer.close(),
  };
}

async function render({ folder, must }: Cluster): Promise<readonly Manifest[]> {
  await cp(manifests, `${folder}/manifests`, { recursive: true });
  const text = await must(['kustomize', `${folder}/manifests/overlays/nfs`]);
  // kustomize prints objects of Kubernetes', and nothing else.
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/** What the cluster puts into the Secret, some time after that was made. */
async function tokenOf(cluster: Cluster, name: string): Promise<string> {
  let token = '';
  await until(async () => {
    const words = ['get', 'secret', name, '-n', 'niximage-system', '-o', 'jsonpath={.data.token}'];
    token = Buffer.from((await cluster.kubectl(words)).stdout, 'base64').toString();
    return token !== '';
  }, 30_000);
  return token;
}

function replaced(word: string, paths: Readonly<Record<string, string>>): string {
  return Object.entries(paths).reduce((text, [from, to]) => text.replace(from, to), word);
}

async function ready(cluster: Cluster, name: string, port: number): Promise<void> {
  await until(
    () =>
      request(`http://127.0.0.1:${port}/readyz`).then(
        async ({ statusCode, body }) => {
          await body.dump();
          return statusCode === 200;
        },
        () => false,
      ),
    30_000,
    () => cluster.readLog(name),
  );
}
