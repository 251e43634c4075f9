import assert from 'node:assert/strict';
import { policyOf } from '../../../hooks/policy/policy.ts';
import { rules } from '../../../hooks/policy/rules.ts';
import { time, World } from './world.ts';

const data = { tag: 'v1', contents: ['curl'] };
const starting = (more: Readonly<Record<string, unknown>>): World => {
  const world = new World({ ...data, ...more });
  world.settle();
  return world;
};

/** How each row of docs/failures.md comes about that the hook sees; a world that ends where it is to be said. */
export const failures: Readonly<Record<string, () => World>> = {
  'a field of another type': () => starting({ tag: 1.28 }),
  'a field misspelt': () => starting({ tags: 'v1' }),
  'something that the operator has not allowed': () => starting({ overlays: [{ inline: 'f: p: { }' }] }),
  'a source on a volume that the operator does not lend': () => {
    const world = new World({ ...data, sources: [{ name: 'mine', volume: { name: 'checkouts' } }] });
    world.options = { ...world.options, policy: policyOf(rules) };
    world.settle();
    return world;
  },
  "more memory than the operator's limit": () => {
    const world = new World({ ...data, pod: { memory: '64Gi' } });
    world.options = { ...world.options, limits: { memory: '8Gi' } };
    world.settle();
    return world;
  },
  'other contents under a tag that is `Immutable`': () => {
    const world = new World(data);
    world.build();
    world.change({ ...data, contents: ['jq'], tagPolicy: 'Immutable' });
    world.settle();
    return world;
  },
  'other contents under a tag where the operator wants tags to stay': () => {
    const world = new World(data);
    world.options = { ...world.options, immutableTags: [/^default$/] };
    world.build();
    world.change({ ...data, contents: ['jq'], tagPolicy: 'Mutable' });
    world.settle();
    return world;
  },
  'a ConfigMap that is not there': () =>
    starting({ files: [{ path: '/a', configMap: { name: 'app', key: 'a' } }] }),
  '`data.suspend`': () => starting({ suspend: true }),
  'an image in a namespace that is not enabled': () => {
    const world = new World(data);
    world.image = { state: 'NoNamespace' };
    world.settle();
    return world;
  },
  "the registry's keeper is down": () => {
    const world = new World(data);
    world.image = { state: 'Unknown', reason: 'connection refused' };
    world.settle();
    return world;
  },
  "somebody else's object has the name of a child": () => {
    const world = new World(data);
    world.status = world.ask().status;
    world.seconds = 60;
    world.status = world.ask().status;
    return world;
  },
  'somebody changed the ConfigMap of a build': () => {
    const world = new World(data);
    world.step();
    for (const [name, map] of world.configMaps)
      world.configMaps.set(name, { ...map, data: { 'default.nix': '7' } });
    world.step();
    return world;
  },
  'more images are to be built than may be at once': () => {
    const world = new World(data);
    world.turn = { turn: 'Wait', place: 5, of: 40, askAgainSeconds: 3 };
    world.settle();
    return world;
  },
  'no node has room for the builder': () => {
    const world = starting({});
    const scheduled = { type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' };
    world.setStatus({ phase: 'Pending', conditions: [scheduled] });
    world.settle();
    return world;
  },
  'a Secret that is not there': () => {
    const world = new World({ ...data, secrets: { netrc: 'passwords' } });
    world.options = { ...world.options, policy: policyOf(rules) };
    world.settle();
    const condition = { type: 'PodReadyToStartContainers', status: 'False', lastTransitionTime: time(0) };
    world.setStatus({ phase: 'Pending', conditions: [condition] });
    // Asked again when it wants to be: first nothing is said of a Pod that is new, then its volumes have their time.
    for (let asked = 0; asked < 2; asked += 1) {
      const { status, resyncAfterSeconds } = world.settle();
      assert.equal(status.conditions?.find(({ type }) => type === 'Ready')?.reason, 'BuildPending');
      world.seconds += resyncAfterSeconds ?? Number.NaN;
    }
    world.settle();
    return world;
  },
  "the builder's own image cannot be pulled": () => {
    const world = starting({});
    const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
    world.setStatus({ phase: 'Pending', containerStatuses: [{ state: { waiting } }] });
    world.settle();
    return world;
  },
  "the builder's Pod was evicted": () => {
    const world = starting({});
    world.setStatus({ phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory' });
    world.settle();
    return world;
  },
  'the builder was killed for its memory': () => {
    const world = starting({});
    world.end('Failed', { exitCode: 137, reason: 'OOMKilled' });
    world.settle();
    return world;
  },
  'the build took longer than it may': () => {
    const world = starting({});
    world.setStatus({ phase: 'Failed', reason: 'DeadlineExceeded' });
    world.settle();
    return world;
  },
  'the Pod was deleted again and again': () => {
    const world = starting({ pod: { attempts: 1 } });
    world.run();
    world.settle();
    world.pods.clear();
    world.settle();
    return world;
  },
};
