import { makePlace } from '../cases/place.ts';
import type { KubeObject } from '../support/apiClient.ts';
import { kubernetesPrograms } from '../support/binaries.ts';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { applyMetacontrollerDefinitions, metacontrollerFlags } from '../support/metacontroller.ts';
import { freePort } from '../support/processes.ts';
import { orderOf, publishTiny } from './fakeBuilder.ts';
import { type FakeNodes, startFakeNodes } from './fakeNodes.ts';
import { type Parts, type Settings, startParts } from './parts.ts';
import { WatchedStates } from './watchedStates.ts';

/** A control plane with everything of ours, and nodes that only say that they build. */
export interface Plane extends Omit<Parts, 'close'> {
  readonly cluster: Cluster;
  readonly nodes: FakeNodes;
  /** Makes a namespace that may have images, and waits for its part of the volume. */
  enable(namespace: string): Promise<void>;
  /** Applies images by one call of kubectl. */
  apply(namespace: string, names: readonly string[], data?: Readonly<Record<string, unknown>>): Promise<void>;
  images(namespace: string): Promise<readonly KubeObject[]>;
  /** Has Metacontroller look at each image once in so many seconds. */
  resyncEvery(seconds: number): Promise<void>;
  /** Until so many images of the namespace are Built. */
  built(namespace: string, count: number, milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

export interface PlaneOptions {
  /** Path of the real Metacontroller. */
  readonly metacontroller: string;
  /** What a build takes, in milliseconds. */
  readonly buildTime: number;
  readonly settings: Settings;
}

export async function startPlane({ metacontroller, buildTime, settings }: PlaneOptions): Promise<Plane> {
  const cluster = await startCluster();
  const closers: (() => Promise<void> | void)[] = [() => cluster.close()];
  const close = async (): Promise<void> => {
    for (const closer of closers.toReversed()) await closer();
  };
  try {
    const { api } = cluster;
    cluster.start('kube-scheduler', `${await kubernetesPrograms()}kube-scheduler`, [
      `--kubeconfig=${cluster.kubeconfig}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      `--secure-port=${await freePort()}`,
    ]);
    await applyMetacontrollerDefinitions(cluster);
    const parts = await startParts(cluster, settings);
    closers.push(() => parts.close());
    const nodes = await startFakeNodes({
      api,
      count: 3,
      buildTime,
      build: (words, namespace) => publishTiny(orderOf(words), `${parts.store}/${namespace}`),
    });
    closers.push(() => nodes.close());
    cluster.start('metacontroller', metacontroller, [
      `--kubeconfig=${cluster.kubeconfig}`,
      '--metrics-address=127.0.0.1:0',
      '--health-probe-bind-address=127.0.0.1:0',
      ...metacontrollerFlags,
    ]);
    const watched = new Map<string, WatchedStates>();
    const images: Plane['images'] = async (namespace) =>
      (await api.get<{ readonly items: readonly KubeObject[] }>(imagesPath(namespace))).items;
    return {
      ...parts,
      cluster,
      nodes,
      images,
      async enable(namespace) {
        await makePlace(cluster, namespace);
        const states = new WatchedStates();
        await api.watch(imagesPath(namespace), (event) => states.see(event));
        watched.set(namespace, states);
      },
      async apply(namespace, names, data = {}) {
        const items = names.map((name) => ({
          apiVersion: 'k8s.nixos.org/v1',
          kind: 'NixImage',
          metadata: { name, namespace },
          data: { contents: ['hello'], ...data },
        }));
        await cluster.must(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
      },
      async resyncEvery(seconds) {
        const patch = JSON.stringify({ spec: { resyncPeriodSeconds: seconds } });
        await cluster.must(['patch', 'compositecontroller', 'niximages', '--type=merge', `--patch=${patch}`]);
      },
      async built(namespace, count, milliseconds) {
        const done = await watched.get(namespace)?.reach('Built', count, AbortSignal.timeout(milliseconds));
        if (done === true) return;
        const other = (await images(namespace)).find(({ status }) => status?.['state'] !== 'Built');
        throw new Error(`not ${count} images are Built after ${milliseconds} ms: ${JSON.stringify(other)}`);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** `<prefix>-000` and so on. */
export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(3, '0')}`);
}

function imagesPath(namespace: string): string {
  return `/apis/k8s.nixos.org/v1/namespaces/${namespace}/niximages`;
}
