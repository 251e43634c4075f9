import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient, KubeObject, WatchEvent } from '../support/apiClient.ts';

/** One builder Pod's life, in milliseconds since 1970. */
export interface Run {
  readonly namespace: string;
  /** metadata.name of the image. */
  readonly image: string;
  /** When its Pod was bound to a node. */
  readonly startedAt: number;
  endedAt?: number;
}

export interface FakeNodes {
  /** The builders that were started, in their order. */
  readonly runs: readonly Run[];
  /** From now on what is bound to this node runs and never ends, and is not taken away: nobody hears of it any more. */
  lose(name: string): void;
  close(): Promise<void>;
}

export interface FakeNodesOptions {
  readonly api: ApiClient;
  readonly count: number;
  /** What a build takes, in milliseconds. */
  readonly buildTime: number;
  /** Does a build; the result is the Pod's termination message. */
  readonly build: (words: readonly string[], namespace: string) => Promise<string>;
}

interface Container {
  readonly name: string;
  readonly args?: readonly string[];
}

/** Kubernetes takes a node for lost whose lease is 40 s old. */
const leaseEvery = 10_000;

/**
 * Nodes that have no containers. Their kubelet says of each Pod that is bound to them what a kubelet says: that it
 * runs, and after the time of a build that it has ended, with the message that the builder left.
 */
export async function startFakeNodes(options: FakeNodesOptions): Promise<FakeNodes> {
  const { api, count } = options;
  const names = Array.from({ length: count }, (_, index) => `fake-${index}`);
  for (const name of names) await register(api, name);
  const stopping = new AbortController();
  const lost = new Set<string>();
  const leases = keepLeases(api, () => names.filter((name) => !lost.has(name)), stopping.signal);
  const runs: Run[] = [];
  const seen = new Set<string>();
  const work: Promise<void>[] = [];
  const unwatch = await api.watch('/api/v1/pods', ({ type, object }: WatchEvent) => {
    const path = pathOf(object);
    if (type === 'DELETED') {
      seen.delete(path);
      return;
    }
    const node = String(object.spec?.['nodeName']);
    if (!names.includes(node)) return;
    if (object.metadata.deletionTimestamp !== undefined) {
      if (lost.has(node)) return;
      work.push(api.remove(path));
      return;
    }
    if (seen.has(path) || object.status?.['phase'] !== 'Pending') return;
    seen.add(path);
    work.push(live(object, options, runs, () => lost.has(node), stopping.signal));
  });
  return {
    runs,
    lose(name) {
      lost.add(name);
    },
    async close() {
      unwatch();
      stopping.abort();
      await Promise.all([leases, ...work]);
    },
  };
}

/** Pending, Running, Succeeded. */
async function live(
  pod: KubeObject,
  { api, build, buildTime }: FakeNodesOptions,
  runs: Run[],
  isLost: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const { namespace = 'default' } = pod.metadata;
  const path = `${pathOf(pod)}/status`;
  const image = pod.metadata.labels?.['k8s.nixos.org/image'] ?? '';
  const run: Run = { namespace, image, startedAt: Date.now() };
  runs.push(run);
  // The API server checked what a Pod is made of.
  const [container] = (pod.spec?.['containers'] ?? []) as readonly Container[];
  const name = container?.name ?? '';
  const startedAt = seconds();
  const say = (phase: string, state: unknown, ready: boolean): Promise<boolean> =>
    api.patch(path, {
      status: {
        phase,
        startTime: startedAt,
        conditions: ['Initialized', 'ContainersReady', 'Ready'].map((type) => ({
          type,
          status: type === 'Initialized' || ready ? 'True' : 'False',
          lastTransitionTime: seconds(),
        })),
        containerStatuses: [
          { name, state, ready, image: 'fake', imageID: '', restartCount: 0, started: ready },
        ],
      },
    });
  if (!(await say('Pending', { waiting: { reason: 'ContainerCreating' } }, false))) return;
  if (!(await say('Running', { running: { startedAt } }, true))) return;
  if (!(await delay(buildTime, true, { signal }).catch(() => false)) || isLost()) return;
  // A builder publishes at its end: what is published is Built, and its slot is free.
  const message = await build(container?.args ?? [], namespace);
  run.endedAt = Date.now();
  const terminated = { exitCode: 0, reason: 'Completed', startedAt, finishedAt: seconds(), message };
  await say('Succeeded', { terminated }, false);
}

async function register(api: ApiClient, name: string): Promise<void> {
  const capacity = { cpu: '64', memory: '256Gi', 'ephemeral-storage': '4Ti', pods: '1000' };
  await api.post('/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
  });
  await api.patch(`/api/v1/nodes/${name}/status`, {
    status: {
      capacity,
      allocatable: capacity,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'it has no containers',
          lastHeartbeatTime: seconds(),
          lastTransitionTime: seconds(),
        },
      ],
    },
  });
  await api.post(leasePath, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: micro() },
  });
}

const leasePath = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

async function keepLeases(
  api: ApiClient,
  names: () => readonly string[],
  signal: AbortSignal,
): Promise<void> {
  while (await delay(leaseEvery, true, { signal }).catch(() => false))
    for (const name of names()) await api.patch(`${leasePath}/${name}`, { spec: { renewTime: micro() } });
}

function pathOf({ metadata }: KubeObject): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
}

/** As Kubernetes writes times: without fractions of a second. */
function seconds(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function micro(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
