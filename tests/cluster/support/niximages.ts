import assert from 'node:assert/strict';
import type { ImageStatus } from '../../../hooks/resource/niximage.ts';
import { condition } from '../../hooks/support/status.ts';
import type { KubeObject, WatchEvent } from './apiClient.ts';
import { until } from './processes.ts';
import type { Site } from './site.ts';

export interface ImageData {
  readonly tag?: string;
  readonly contents: readonly string[];
  readonly defaults?: boolean;
  readonly extraCommands?: string;
  readonly files?: readonly Readonly<Record<string, unknown>>[];
  readonly pod?: Readonly<Record<string, unknown>>;
  readonly suspend?: boolean;
  readonly nix?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A NixImage on the site. What a person does to it is done with kubectl; what a test looks at is read. */
export interface ImageHandle {
  readonly name: string;
  readonly namespace: string;
  apply(data: ImageData): Promise<void>;
  read(): Promise<KubeObject>;
  /** Empty before the first one. */
  status(): Promise<ImageStatus>;
  /** What a condition of the status says. */
  message(condition: 'Ready' | 'Stalled'): Promise<string>;
  /** Until the condition is true. @returns the status that says so. */
  wait(condition: 'Ready' | 'Stalled'): Promise<ImageStatus>;
  /** Until the status of its manifest as it is now is so. @returns that status. */
  until(isSo: (status: ImageStatus) => boolean): Promise<ImageStatus>;
  /** Until the condition Ready has this reason. */
  untilReason(reason: string): Promise<ImageStatus>;
  /** Until a builder is at work. @returns its Pod's name. */
  untilBuilding(): Promise<string>;
  /** Names of its builder Pods that are there. */
  pods(): Promise<string[]>;
  untilNoPods(): Promise<void>;
  remove(): Promise<void>;
  /** What a failed wait is explained by. */
  explain(): Promise<string>;
}

/** Milliseconds that a build may take where others want the processors too. */
const patience = 120_000;

export function imageOn(site: Site, name: string, namespace = 'default'): ImageHandle {
  const there = ['-n', namespace];
  const all = `/apis/k8s.nixos.org/v1/namespaces/${namespace}/niximages`;
  const read = () => site.api.get<KubeObject>(`${all}/${name}`);
  const status = async (): Promise<ImageStatus> => (await read()).status ?? {};
  const whenSo: ImageHandle['until'] = async (isSo) => {
    const soIn = (object: KubeObject) =>
      isCurrent(object) && isSo(object.status) ? object.status : undefined;
    const now = await read();
    const already = soIn(now);
    if (already !== undefined) return already;
    const { promise, resolve } = Promise.withResolvers<ImageStatus | undefined>();
    const see = ({ object }: WatchEvent) => {
      const found = soIn(object);
      if (found !== undefined) resolve(found);
    };
    const stop = await site.api.watch(all, see, now);
    const timer = setTimeout(() => resolve(undefined), patience);
    const found = await promise;
    clearTimeout(timer);
    stop();
    return found ?? assert.fail(`not so after ${patience} ms: ${await explain(site, name, namespace)}`);
  };
  const pods = async () => {
    const list = await site.api.get<{ readonly items: readonly KubeObject[] }>(
      `/api/v1/namespaces/${namespace}/pods?labelSelector=k8s.nixos.org/image=${name}`,
    );
    return list.items.map(({ metadata }) => metadata.name);
  };
  return {
    name,
    namespace,
    async apply(data) {
      await site.must(['apply', '-f', '-'], manifest(name, namespace, data));
    },
    read,
    status,
    message: async (type) => condition(await status(), type).message,
    wait: (type) =>
      whenSo(({ conditions = [] }) =>
        conditions.some((each) => each.type === type && each.status === 'True'),
      ),
    until: whenSo,
    untilReason: (reason) =>
      whenSo(({ conditions = [] }) =>
        conditions.some((each) => each.type === 'Ready' && each.reason === reason),
      ),
    async untilBuilding() {
      const { build } = await whenSo(({ state }) => state === 'Building');
      return build?.pod ?? '';
    },
    pods,
    untilNoPods: () =>
      until(
        async () => (await pods()).length === 0,
        30_000,
        () => explain(site, name, namespace),
      ),
    async remove() {
      await site.must(['delete', 'niximage', name, ...there, '--timeout=60s']);
    },
    explain: () => explain(site, name, namespace),
  };
}

/** A status of an earlier manifest tells nothing: `kubectl wait` looks at that too. */
function isCurrent(object: KubeObject): object is KubeObject & {
  readonly status: ImageStatus;
} {
  return object.metadata.generation === object.status?.['observedGeneration'];
}

function manifest(name: string, namespace: string, data: ImageData): string {
  return JSON.stringify({
    apiVersion: 'k8s.nixos.org/v1',
    kind: 'NixImage',
    metadata: { name, namespace },
    data,
  });
}

async function explain(site: Site, name: string, namespace: string): Promise<string> {
  const image = await site.kubectl(['get', 'niximage', name, '-n', namespace, '-o', 'jsonpath={.status}']);
  const pods = await site.kubectl(['get', 'pods', '-n', namespace, '-o', 'wide']);
  const events = await site.kubectl(['get', 'events', '-n', namespace, '--sort-by=.lastTimestamp']);
  return [image.stdout, pods.stdout, events.stdout.split('\n').slice(-15).join('\n')].join('\n');
}

/** Runs a program of an image in a Pod, and gives what it prints. */
export async function runInPod(
  site: Site,
  image: string,
  command: readonly string[],
  name = 'run',
): Promise<string> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'run', image, imagePullPolicy: 'Always', command }],
    },
  };
  await site.must(['apply', '-f', '-'], JSON.stringify(pod));
  try {
    let phase: unknown;
    await until(
      async () => {
        const { status } = await site.api.get<KubeObject>(`/api/v1/namespaces/default/pods/${name}`);
        phase = status?.['phase'];
        return phase === 'Succeeded' || phase === 'Failed';
      },
      60_000,
      async () => (await site.kubectl(['describe', 'pod', name])).stdout,
    );
    const output = await site.must(['logs', name]);
    assert.equal(phase, 'Succeeded', output);
    return output;
  } finally {
    await site.kubectl(['delete', 'pod', name, '--grace-period=0', '--force']);
  }
}
