import assert from 'node:assert/strict';
import type { KubeObject } from './apiClient.ts';
import { until } from './processes.ts';
import type { Site } from './site.ts';

export interface ImageData {
  readonly tag?: string;
  readonly contents: readonly string[];
  readonly defaults?: boolean;
  readonly extraCommands?: string;
  readonly pod?: Readonly<Record<string, unknown>>;
  readonly suspend?: boolean;
  readonly nix?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A NixImage on the site, as kubectl handles it. */
export interface ImageHandle {
  readonly name: string;
  readonly namespace: string;
  apply(data: ImageData): Promise<void>;
  /** What `-o jsonpath` prints; empty where there is nothing. */
  get(path: string): Promise<string>;
  wait(condition: string): Promise<void>;
  /** As `kubectl wait --for=` has it, such as `jsonpath={.status.state}=Building`. */
  waitFor(what: string): Promise<void>;
  /** Names of its builder Pods that are there. */
  pods(): Promise<string[]>;
  remove(): Promise<void>;
  /** What a failed wait is explained by. */
  explain(): Promise<string>;
}

export function imageOn(site: Site, name: string, namespace = 'default'): ImageHandle {
  const there = ['-n', namespace];
  const waitFor = async (what: string): Promise<void> => {
    const words = ['wait', `--for=${what}`, '--timeout=120s', ...there, `niximage/${name}`];
    const { exitCode, stderr } = await site.kubectl(words);
    assert.equal(exitCode, 0, `${stderr}\n${await explain(site, name, namespace)}`);
  };
  return {
    name,
    namespace,
    async apply(data) {
      await site.must(['apply', '-f', '-'], manifest(name, namespace, data));
    },
    get: (path) =>
      site.must(['get', 'niximage', name, ...there, '--ignore-not-found', '-o', `jsonpath=${path}`]),
    wait: (condition) => waitFor(`condition=${condition}`),
    waitFor,
    async pods() {
      const words = ['get', 'pods', ...there, '-l', `k8s.nixos.org/image=${name}`, '-o', 'name'];
      return (await site.must(words)).split('\n').filter((line) => line !== '');
    },
    async remove() {
      await site.must(['delete', 'niximage', name, ...there, '--timeout=60s']);
    },
    explain: () => explain(site, name, namespace),
  };
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
