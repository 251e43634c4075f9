import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { desiredChildren } from '../../metacontroller/embedded/controller/desiredChildren.ts';
import type { KubeObject } from '../../metacontroller/embedded/objects/kubeObject.ts';
import { image } from './support/objects.ts';

const parent: KubeObject = {
  ...image('x', {}, 'team'),
  metadata: {
    name: 'x',
    namespace: 'team',
    uid: 'uid-of-x',
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
};
const controller = {
  apiVersion: parent.apiVersion,
  kind: 'NixImage',
  name: 'x',
  uid: 'uid-of-x',
  controller: true,
  blockOwnerDeletion: true,
};
const pod = (metadata: unknown = { name: 'p' }, more = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata,
  ...more,
});

test('a child is in the namespace of its parent, found by the generated selector, and controlled by it', () => {
  const { children, problems, remarks } = desiredChildren(parent, [pod(undefined, { spec: { a: 1 } })]);
  assert.deepEqual(children, [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'p',
        namespace: 'team',
        labels: { 'controller-uid': 'uid-of-x' },
        ownerReferences: [controller],
      },
      spec: { a: 1 },
    },
  ]);
  assert.deepEqual({ problems, remarks }, { problems: [], remarks: [] });
});

test('ConfigMaps come before Pods', () => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'z' } };
  const { children } = desiredChildren(parent, [pod(), map]);
  assert.deepEqual(
    children.map(({ kind }) => kind),
    ['ConfigMap', 'Pod'],
  );
});

test('an observed child that is answered as it stands is made anew, without what an API server wrote', () => {
  const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'uid-of-c' };
  const observed = pod(
    {
      name: 'p',
      namespace: 'team',
      uid: 'old',
      generation: 7,
      resourceVersion: '9',
      creationTimestamp: '2020-01-01T00:00:00Z',
      deletionTimestamp: '2020-01-02T00:00:00Z',
      labels: { 'controller-uid': 'uid-of-x', app: 'a' },
      annotations: { note: 'n' },
      ownerReferences: [controller, other],
    },
    { status: { phase: 'Succeeded' } },
  );
  const [child] = desiredChildren(parent, [observed]).children;
  assert.deepEqual(child, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      namespace: 'team',
      annotations: { note: 'n' },
      labels: { 'controller-uid': 'uid-of-x', app: 'a' },
      ownerReferences: [other, controller],
    },
  });
});

describe('a child that cannot be made is a problem, and keeps no other from being made', () => {
  const bad: readonly {
    readonly reason: string;
    readonly child: ReturnType<typeof pod>;
    readonly problem: RegExp;
  }[] = [
    {
      reason: 'another kind',
      child: pod({ name: 's' }, { kind: 'Secret' }),
      problem: /^can't create Secret\/team\/s: .*ConfigMap or Pod/,
    },
    { reason: 'another version', child: pod({ name: 'p' }, { apiVersion: 'v2' }), problem: /apiVersion v2/ },
    {
      reason: 'no version',
      child: pod({ name: 'p' }, { apiVersion: undefined }),
      problem: /apiVersion undefined/,
    },
    {
      reason: 'another namespace',
      child: pod({ name: 'p', namespace: 'other' }),
      problem: /^can't create Pod\/other\/p: .*its parent, team/,
    },
    { reason: 'no name', child: pod({}), problem: /"" is no name/ },
    { reason: 'no metadata', child: pod(null), problem: /"" is no name/ },
    { reason: 'a way out of the folder', child: pod({ name: '../../x' }), problem: /is no name/ },
    { reason: 'capitals', child: pod({ name: 'P' }), problem: /"P" is no name/ },
    {
      reason: 'an annotation that is a number',
      child: pod({ name: 'p', annotations: { replicas: 1 } }),
      problem: /each of its annotations must be a text/,
    },
    {
      reason: 'somebody else controls it',
      child: pod({ name: 'p', ownerReferences: [{ ...controller, uid: 'uid-of-y' }] }),
      problem: /only one of its owners can be its controller/,
    },
  ];
  for (const { reason, child, problem } of bad)
    test(reason, () => {
      const { children, problems } = desiredChildren(parent, [child, pod({ name: 'good' })]);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', problem);
      assert.deepEqual(
        children.map(({ metadata }) => metadata.name),
        ['good'],
      );
    });
});

describe('labels that the selector would not find stop the round', () => {
  const bad = [
    {
      reason: "another parent's",
      labels: { 'controller-uid': 'uid-of-y' },
      message: /Pod\/team\/p don't match parent selector/,
    },
    { reason: 'a number', labels: { replicas: 1 }, message: /invalid labels on desired child Pod\/team\/p/ },
    { reason: 'a list', labels: ['a'], message: /invalid labels/ },
  ];
  for (const { reason, labels, message } of bad)
    test(reason, () =>
      assert.throws(() => desiredChildren(parent, [pod({ name: 'p', labels })]), {
        code: 'HOOK_ANSWER',
        message,
      }),
    );
});

test('of two children of one name the last counts, and that is told', () => {
  const answered = [pod({ name: 'p' }, { spec: 1 }), pod({ name: 'p', namespace: 'team' }, { spec: 2 })];
  const { children, remarks, problems } = desiredChildren(parent, answered);
  assert.deepEqual(
    children.map(({ spec }) => spec),
    [2],
  );
  assert.deepEqual(remarks, ["the hook's answer holds Pod/team/p more than once; the last one counts"]);
  assert.deepEqual(problems, []);
});
