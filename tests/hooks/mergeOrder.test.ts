import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { builderPod } from '../../hooks/children/pod.ts';
import { mergedOptions, type PodOptions } from '../../hooks/children/podOptions.ts';
import { readSchema } from '../../hooks/resource/schema.ts';
import { time, World } from './support/world.ts';

const hook = {
  image: 'a',
  nixpkgs: 'b',
  packageSet: 'nixpkgs',
  cpu: '1',
  memory: '1Gi',
  storage: '1Gi',
} as const;
const job = {
  ...{ namespace: 'default', name: 'a', tag: 'v1', uid: 'u', created: time(0), ordinal: 1, inputHash: 'b' },
  ...{ pod: 'a-1', expressionDigest: 'sha256:c' },
};

/** A part of the Pod that is made where these say something; its types aside. */
function madeOf(hands: readonly PodOptions[], path: readonly string[]): unknown {
  const own = hands.reduce(mergedOptions, {});
  const pod: unknown = JSON.parse(JSON.stringify(builderPod(job, 'map', { ...hook, timeout: 100 }, own)));
  return path.reduce<unknown>((part, name) => Object(part)[name], pod);
}

interface Row {
  /** Where it stands in the Pod. */
  readonly path: readonly string[];
  readonly operator: PodOptions;
  readonly manifest: PodOptions;
  /** What stands there where nobody, the operator alone, and both say something. */
  readonly gives: readonly [unknown, unknown, unknown];
}

const resources = ['spec', 'containers', '0', 'resources', 'requests'];
const tolerating = (key: string) => ({ key, operator: 'Exists' as const });

const rows: Readonly<Record<Exclude<keyof PodOptions, 'attempts'>, Row>> = {
  cpu: {
    path: [...resources, 'cpu'],
    operator: { cpu: 2 },
    manifest: { cpu: '500m' },
    gives: ['1', '2', '500m'],
  },
  memory: {
    path: [...resources, 'memory'],
    operator: { memory: '2Gi' },
    manifest: { memory: '3Gi' },
    gives: ['1Gi', '2Gi', '3Gi'],
  },
  storage: {
    path: [...resources, 'ephemeral-storage'],
    operator: { storage: '2Gi' },
    manifest: { storage: '3Gi' },
    gives: ['1Gi', '2Gi', '3Gi'],
  },
  timeout: {
    path: ['spec', 'activeDeadlineSeconds'],
    operator: { timeout: 200 },
    manifest: { timeout: 300 },
    gives: [100, 200, 300],
  },
  nodeSelector: {
    path: ['spec', 'nodeSelector'],
    operator: { nodeSelector: { disk: 'ssd', zone: 'a' } },
    manifest: { nodeSelector: { zone: 'b' } },
    gives: [undefined, { disk: 'ssd', zone: 'a' }, { disk: 'ssd', zone: 'b' }],
  },
  tolerations: {
    path: ['spec', 'tolerations'],
    operator: { tolerations: [tolerating('a')] },
    manifest: { tolerations: [tolerating('b')] },
    gives: [undefined, [tolerating('a')], [tolerating('a'), tolerating('b')]],
  },
  affinity: {
    path: ['spec', 'affinity'],
    operator: { affinity: { nodeAffinity: {} } },
    manifest: { affinity: { podAffinity: {} } },
    gives: [undefined, { nodeAffinity: {} }, { podAffinity: {} }],
  },
  priorityClassName: {
    path: ['spec', 'priorityClassName'],
    operator: { priorityClassName: 'low' },
    manifest: { priorityClassName: 'high' },
    gives: [undefined, 'low', 'high'],
  },
  runtimeClassName: {
    path: ['spec', 'runtimeClassName'],
    operator: { runtimeClassName: 'gvisor' },
    manifest: { runtimeClassName: 'kata' },
    gives: [undefined, 'gvisor', 'kata'],
  },
  serviceAccountName: {
    path: ['spec', 'serviceAccountName'],
    operator: { serviceAccountName: 'all' },
    manifest: { serviceAccountName: 'own' },
    gives: [undefined, 'all', 'own'],
  },
  imagePullSecrets: {
    path: ['spec', 'imagePullSecrets'],
    operator: { imagePullSecrets: ['all'] },
    manifest: { imagePullSecrets: ['own', 'all'] },
    gives: [undefined, [{ name: 'all' }], [{ name: 'all' }, { name: 'own' }]],
  },
  labels: {
    path: ['metadata', 'labels', 'team'],
    operator: { labels: { team: 'all' } },
    manifest: { labels: { team: 'own' } },
    gives: [undefined, 'all', 'own'],
  },
  annotations: {
    path: ['metadata', 'annotations', 'note'],
    operator: { annotations: { note: 'all' } },
    manifest: { annotations: { note: 'own' } },
    gives: [undefined, 'all', 'own'],
  },
};

describe("the hook's options, then the operator's defaults, then the manifest", () => {
  for (const [name, { path, operator, manifest, gives }] of Object.entries(rows))
    test(name, () => {
      assert.deepEqual(
        [[], [operator], [operator, manifest]].map((hands) => madeOf(hands, path)),
        gives,
      );
    });

  test("attempts: the operator's say counts where the manifest has none, and the manifest's before it", () => {
    const failed = { v: 1, result: 'Failed', reason: 'FetchFailed', message: 'no network', transient: true };
    for (const [operator, manifest, most] of [
      [1, undefined, 1],
      [1, 2, 2],
    ] as const) {
      const pod = manifest === undefined ? {} : { pod: { attempts: manifest } };
      const world = new World({ contents: ['curl'], ...pod });
      world.options = {
        ...world.options,
        pod: { ...world.options.pod, defaults: { attempts: operator } },
      };
      for (let attempt = 1; attempt <= most; attempt += 1) {
        assert.notEqual(world.settle().status.state, 'Failed');
        world.run();
        world.settle();
        world.end('Failed', { message: JSON.stringify(failed) });
        world.settle();
        world.seconds += 1000;
      }
      assert.equal(world.settle().status.state, 'Failed');
    }
  });

  test('no option is left out', () => {
    const { pod } = readSchema().properties?.['data']?.properties ?? {};
    const names = Object.keys(pod?.properties ?? {});
    assert.deepEqual(names.toSorted(), [...Object.keys(rows), 'attempts'].toSorted());
  });
});
