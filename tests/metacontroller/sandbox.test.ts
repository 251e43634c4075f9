import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { KubeObject } from '../../metacontroller/embedded/objects/kubeObject.ts';
import { deadlineOf, gracePeriodOf, podSpec } from '../../metacontroller/embedded/pods/podSpec.ts';
import { makeSandbox } from '../../metacontroller/embedded/pods/sandbox.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { pod } from './support/node.ts';
import { configMap } from './support/objects.ts';

const metadata = {
  namespace: 'default',
  uid: 'uid',
  generation: 1,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
};

function object(spec: Readonly<Record<string, unknown>>): KubeObject {
  return { ...pod('p', spec), metadata: { ...metadata, name: 'p' } };
}

const volumes = [
  { name: 'expression', configMap: { name: 'c' } },
  { name: 'temporary', emptyDir: {} },
  { name: 'nix', emptyDir: {} },
  { name: 'store', persistentVolumeClaim: { claimName: 'niximage-store' } },
  { name: 'checkouts', hostPath: { path: '/srv/checkouts' } },
];
const mountPaths = {
  expression: '/niximage/expression',
  temporary: '/tmp',
  nix: '/nix',
  store: '/niximage/store',
};
const volumeMounts = [
  ...Object.entries(mountPaths).map(([name, mountPath]) => ({ name, mountPath })),
  { name: 'checkouts', mountPath: '/niximage/sources/a', subPath: 'team-a/tools' },
];

describe('a path of the Pod stands for one of this machine', () => {
  const rows: readonly {
    readonly reason: string;
    readonly word: string;
    readonly becomes: (folder: string) => string;
  }[] = [
    { reason: 'the mount itself', word: '/tmp', becomes: (folder) => join(folder, 'volumes/temporary') },
    {
      reason: 'what is below it',
      word: '/tmp/home',
      becomes: (folder) => join(folder, 'volumes/temporary/home'),
    },
    {
      reason: 'the value of an option',
      word: '--store=/niximage/store',
      becomes: () => '--store=/the/claim',
    },
    {
      reason: 'a part of a volume of this machine, as a string of JSON',
      word: '--sources=[{"folder":"/niximage/sources/a","url":"/niximage/sources/ab"}]',
      becomes: () => '--sources=[{"folder":"/srv/checkouts/team-a/tools","url":"/niximage/sources/ab"}]',
    },
    { reason: 'only the first = ends an option', word: '--a=b=/tmp', becomes: () => '--a=b=/tmp' },
    {
      reason: 'the termination message',
      word: '--termination-log=/dev/termination-log',
      becomes: (folder) => `--termination-log=${join(folder, 'termination-log')}`,
    },
    { reason: 'another path that begins alike', word: '/tmpfile', becomes: () => '/tmpfile' },
    { reason: 'a path within a text', word: 'nixpkgs=/tmp', becomes: () => 'nixpkgs=/tmp' },
    { reason: "the machine's own Nix store", word: '/nix/store', becomes: () => '/nix/store' },
  ];
  for (const { reason, word, becomes } of rows)
    test(`${word}: ${reason}`, async (t) => {
      const folder = await temporaryFolder(t);
      const env = [{ name: 'WORD', value: word }];
      const spec = podSpec(object({ containers: [{ args: [word], env, volumeMounts }], volumes }));
      const map: KubeObject = { ...configMap('c'), metadata: { ...metadata, name: 'c' } };
      const sandbox = await makeSandbox(spec, { folder, claim: '/the/claim', configMap: () => map });
      assert.deepEqual(sandbox.args, [becomes(folder)]);
      if (!word.startsWith('--')) assert.equal(sandbox.env['WORD'], becomes(folder));
      assert.equal(await readFile(join(folder, 'config/c/default.nix'), 'utf8'), 'c');
    });
});

describe('a Pod that cannot be run here is told why', () => {
  const rows: readonly {
    readonly reason: string;
    readonly spec: Readonly<Record<string, unknown>>;
    readonly message: RegExp;
  }[] = [
    { reason: 'no container', spec: {}, message: /the Pod p has no container/ },
    { reason: 'containers that are no list', spec: { containers: { a: 1 } }, message: /has no container/ },
    {
      reason: 'a mount of nothing',
      spec: { containers: [{ volumeMounts: [{ name: 'x', mountPath: '/x' }] }] },
      message: /the Pod p mounts no volume of its own: x/,
    },
    {
      reason: 'a claim that is not that of the images',
      spec: { containers: [{}], volumes: [{ name: 'x', persistentVolumeClaim: { claimName: 'y' } }] },
      message: /the volume x is of a kind that cannot be had here/,
    },
    {
      reason: 'a volume of another kind',
      spec: { containers: [{}], volumes: [{ name: 'x', nfs: { server: 'a', path: '/' } }] },
      message: /the volume x is of a kind that cannot be had here/,
    },
  ];
  for (const { reason, spec, message } of rows)
    test(reason, () => assert.throws(() => podSpec(object(spec)), message));
});

test('times are milliseconds; without a deadline there is none, without a grace period it is 30 s', () => {
  const spec = object({ activeDeadlineSeconds: 60, terminationGracePeriodSeconds: 0 });
  assert.deepEqual([deadlineOf(spec), gracePeriodOf(spec)], [60_000, 0]);
  assert.deepEqual([deadlineOf(object({})), gracePeriodOf(object({}))], [undefined, 30_000]);
});
