import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DecoratorSettings, decorate, undecorate } from '../../../hooks/decorator/decorate.ts';
import { parseNamespaceRequest } from '../../../hooks/decorator/request.ts';
import type { Child } from '../../../hooks/metacontroller.ts';

const settings: DecoratorSettings = {
  volume: { kind: 'Nfs', server: 'nfs.example', path: '/export/images', size: '1Gi', mountOptions: ['ro'] },
  egress: { except: ['10.0.0.0/8', 'fc00::/7'], allow: ['10.1.2.3/32'] },
};

interface Seen {
  readonly phase?: string;
  readonly going?: boolean;
}

/** The request as Metacontroller sends it, with what hangs on the namespace. */
function body(seen: { readonly volume?: Seen; readonly claim?: Seen } = {}): unknown {
  const object = (name: string, namespace: string | undefined, { phase, going = false }: Seen) => ({
    metadata: { name, namespace, ...(going ? { deletionTimestamp: '2026-01-02T03:04:05Z' } : {}) },
    status: { phase },
  });
  const { volume, claim } = seen;
  return {
    controller: {},
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team', uid: 'u-1' } },
    attachments: {
      'PersistentVolume.v1':
        volume === undefined
          ? {}
          : { 'niximage-namespace-team': object('niximage-namespace-team', undefined, volume) },
      'PersistentVolumeClaim.v1':
        claim === undefined ? {} : { 'team/niximage-store': object('niximage-store', 'team', claim) },
      'NetworkPolicy.networking.k8s.io/v1': {},
    },
    finalizing: false,
  };
}

const wanted = (children: readonly Child[]): string[] => children.map(({ kind }) => kind);

describe('what a namespace gets', () => {
  const both = ['NetworkPolicy', 'PersistentVolume', 'PersistentVolumeClaim'];
  const bound = { phase: 'Bound' };
  const rows = [
    { reason: 'nothing is there yet', seen: {}, gets: ['NetworkPolicy', 'PersistentVolume'] },
    {
      reason: 'its volume is there, and the cluster has not looked at it: a claim would wait for long',
      seen: { volume: {} },
      gets: ['NetworkPolicy', 'PersistentVolume'],
    },
    { reason: 'the cluster knows its volume', seen: { volume: { phase: 'Available' } }, gets: both },
    {
      reason: 'the claim was deleted just now: its volume is about to be Released, and goes then',
      seen: { volume: bound },
      gets: ['NetworkPolicy', 'PersistentVolume'],
    },
    { reason: 'its tree is not made yet', seen: {}, prepared: false, gets: ['NetworkPolicy'] },
    { reason: 'all is well', seen: { volume: bound, claim: bound }, gets: both },
    {
      reason: 'all is there, and the keeper does not answer: nothing is taken away',
      seen: { volume: bound, claim: bound },
      prepared: false,
      gets: both,
    },
    {
      reason: 'the claim was deleted, and made anew by Metacontroller: its volume is never bound again',
      seen: { volume: { phase: 'Released' }, claim: { phase: 'Pending' } },
      gets: ['NetworkPolicy'],
    },
    {
      reason: 'the same while the keeper does not answer',
      seen: { volume: { phase: 'Released' } },
      prepared: false,
      gets: ['NetworkPolicy'],
    },
    {
      reason: 'the volume was deleted under its claim',
      seen: { claim: { phase: 'Lost' } },
      gets: ['NetworkPolicy'],
    },
    {
      reason: 'the claim is going, for a Pod still uses it: the volume stays',
      seen: { volume: bound, claim: { ...bound, going: true } },
      gets: ['NetworkPolicy', 'PersistentVolume'],
    },
    {
      reason: 'the volume is going: no claim is made that would be bound to it',
      seen: { volume: { phase: 'Available', going: true } },
      gets: ['NetworkPolicy'],
    },
    {
      reason: 'the claim is there, and waits to be bound',
      seen: { claim: { phase: 'Pending' } },
      gets: both,
    },
  ];
  for (const { reason, seen, prepared = true, gets } of rows)
    test(reason, () => {
      const answer = decorate(parseNamespaceRequest(body(seen)), prepared, settings);
      assert.deepEqual(wanted(answer.attachments), gets);
      const isDone = prepared && gets === both;
      assert.equal(answer.resyncAfterSeconds, isDone ? undefined : 5);
      assert.equal(answer.finalized, undefined);
    });

  test('a namespace that goes, or is labelled no more, loses all of it at once', () => {
    assert.deepEqual(undecorate(), { attachments: [], finalized: true });
  });
});

describe('the volume and its claim', () => {
  const attachments = (of: DecoratorSettings): readonly Child[] =>
    decorate(parseNamespaceRequest(body({ volume: { phase: 'Available' } })), true, of).attachments;
  const specOf = (kind: string, of = settings): unknown =>
    attachments(of).find((child) => child.kind === kind)?.['spec'];

  test('on NFS: a folder for the namespace, and the mount options', () => {
    assert.deepEqual(specOf('PersistentVolume'), {
      accessModes: ['ReadWriteMany'],
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      volumeMode: 'Filesystem',
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: 'team',
        name: 'niximage-store',
      },
      mountOptions: ['ro'],
      nfs: { server: 'nfs.example', path: '/export/images/team' },
    });
  });

  test('on the disk of a node: the folder must be there, and Pods go to that node', () => {
    const spec = specOf('PersistentVolume', {
      ...settings,
      volume: { kind: 'HostPath', node: 'one', path: '/srv/images', size: '1Gi', mountOptions: [] },
    });
    assert.ok(typeof spec === 'object' && spec !== null && !('mountOptions' in spec));
    assert.deepEqual(Reflect.get(spec, 'hostPath'), { path: '/srv/images/team', type: 'Directory' });
    assert.deepEqual(Reflect.get(spec, 'nodeAffinity'), {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['one'] }] },
        ],
      },
    });
  });

  test('the claim finds the volume of its namespace, and no other, and has no class', () => {
    assert.deepEqual(specOf('PersistentVolumeClaim'), {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: '',
      volumeMode: 'Filesystem',
      selector: {
        matchLabels: {
          'app.kubernetes.io/name': 'niximage',
          'app.kubernetes.io/component': 'namespace',
          'app.kubernetes.io/managed-by': 'niximage',
        },
      },
    });
  });

  test('builders reach the name servers, and the world without the ranges of the cluster', () => {
    const spec = specOf('NetworkPolicy');
    assert.ok(typeof spec === 'object' && spec !== null);
    assert.deepEqual(Reflect.get(spec, 'policyTypes'), ['Ingress', 'Egress']);
    const [dns, world, allowed] = Reflect.get(spec, 'egress');
    assert.deepEqual(Object.keys(dns), ['ports']);
    assert.deepEqual(world.to, [
      { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } },
      { ipBlock: { cidr: '::/0', except: ['fc00::/7'] } },
    ]);
    assert.deepEqual(allowed, { to: [{ ipBlock: { cidr: '10.1.2.3/32' } }] });
  });

  test('everything of a namespace is put into that namespace', () => {
    const places = attachments(settings).map(({ kind, metadata }) => [kind, metadata['namespace']]);
    assert.deepEqual(places, [
      ['NetworkPolicy', 'team'],
      ['PersistentVolume', undefined],
      ['PersistentVolumeClaim', 'team'],
    ]);
  });
});

describe('a request that is none', () => {
  const namespace = (metadata: unknown) => ({ object: { kind: 'Namespace', metadata } });
  const rows: readonly { readonly reason: string; readonly body: unknown; readonly says: RegExp }[] = [
    { reason: 'nothing', body: undefined, says: /no object/ },
    { reason: 'a CompositeController’s', body: { parent: {} }, says: /no object/ },
    { reason: 'another kind', body: { object: { kind: 'Node', metadata: {} } }, says: /is a Node/ },
    { reason: 'no name', body: namespace({ uid: 'u' }), says: /no metadata\.name/ },
    { reason: 'no uid', body: namespace({ name: 'team' }), says: /team has no metadata\.uid/ },
  ];
  for (const { reason, body: sent, says } of rows)
    test(reason, () => assert.throws(() => parseNamespaceRequest(sent), says));
});
