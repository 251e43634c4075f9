import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Child } from '../../hooks/metacontroller.ts';
import { parseBuildOrder } from '../../runtime/contract/buildOrder.ts';
import { condition, truths } from './support/status.ts';
import { parentUid, publication, time, World, wanted } from './support/world.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

function builderArguments(pod: Child | undefined): string[] {
  const spec = JSON.parse(JSON.stringify(pod?.['spec'] ?? {}));
  return spec.containers[0].args;
}

describe('from nothing to Built', () => {
  test('first the ConfigMap and the status, then the Pod, then nothing but the status', () => {
    const world = new World();
    const first = world.step();
    assert.equal(first.status.state, 'BuildPending');
    assert.deepEqual([...wanted(first, 'Pod').keys()], [], 'the ConfigMap has not been seen');
    const hash = first.status.build?.inputHash ?? '';
    assert.deepEqual([...wanted(first, 'ConfigMap').keys()], [`curl-and-jq-${hash.slice(0, 10)}`]);
    const { startedAt, ...build } = first.status.build ?? {};
    assert.equal(startedAt, undefined);
    const pod = `curl-and-jq-${hash.slice(0, 10)}-1`;
    assert.deepEqual(build, { inputHash: hash, ordinal: 1, attempt: 1, pod });

    const second = world.step();
    assert.deepEqual([...wanted(second, 'Pod').keys()], [pod]);
    assert.equal(truths(second.status), 'False True False');

    world.seconds = 2;
    world.run();
    const third = world.settle();
    assert.equal(third.status.state, 'Building');
    assert.equal(third.status.build?.startedAt, time(2));
    assert.equal(third.status.logs, `kubectl logs --namespace default ${pod}`);

    world.seconds = 9;
    world.end('Succeeded');
    const fourth = world.settle();
    assert.equal(fourth.status.state, 'Building', 'the registry does not serve it yet');
    assert.equal(fourth.resyncAfterSeconds, 1);

    world.publish(digest('b'));
    const fifth = world.step();
    assert.equal(fifth.status.state, 'Built');
    assert.deepEqual([...wanted(fifth, 'Pod').keys()], [pod], 'the object does not say Built yet');
    assert.equal(fifth.status.image, 'registry.example:5001/curl-and-jq:v1');
    assert.equal(fifth.status.imageRef, `registry.example:5001/curl-and-jq@${digest('b')}`);
    assert.equal(fifth.status.size, 1234);
    assert.equal(fifth.status.version, 'v1');
    assert.equal(fifth.status.build?.finishedAt, time(9));

    const sixth = world.settle();
    assert.deepEqual(sixth.children, []);
    assert.deepEqual(sixth.status, fifth.status);
    assert.equal(truths(sixth.status), 'True False False');
    assert.equal(sixth.resyncAfterSeconds, undefined);
  });

  test('Metacontroller shows the ConfigMap before it shows the status: the same is said again', () => {
    const world = new World();
    world.seconds = 2;
    const { status } = world.step();
    world.status = undefined;
    world.turn = { turn: 'Wait', place: 5, of: 40, askAgainSeconds: 3 };
    const again = world.ask().status;
    assert.deepEqual(
      again.conditions?.map((each) => each.lastTransitionTime),
      status.conditions?.map((each) => each.lastTransitionTime),
    );
  });

  test('the Pod carries the whole order, and the digest of what it will read', () => {
    const world = new World();
    world.namespace = 'team-a';
    world.step();
    const [pod] = wanted(world.step(), 'Pod').values();
    const [map] = world.configMaps.values();
    const [word, ...words] = builderArguments(pod);
    assert.equal(word, 'builder');
    const order = parseBuildOrder(words);
    assert.deepEqual(
      {
        namespace: order.namespace,
        name: order.name,
        tag: order.tag,
        uid: order.uid,
        created: order.created,
      },
      { namespace: 'team-a', name: 'curl-and-jq', tag: 'v1', uid: parentUid, created: time(0) },
    );
    assert.equal(order.pod, pod?.metadata.name);
    const metadata = JSON.parse(JSON.stringify(map?.['metadata']));
    assert.equal(order.expressionDigest, metadata.annotations['k8s.nixos.org/expression-digest']);
  });

  test('elsewhere than in `default` the image has its namespace before its name', () => {
    const world = new World();
    world.namespace = 'team-a';
    world.build();
    assert.equal(world.status?.image, 'registry.example:5001/team-a/curl-and-jq:v1');
  });

  test('an image of the demonstration says so, and is another one', () => {
    const world = new World();
    world.build();
    const hash = world.status?.build?.inputHash;
    world.options = { ...world.options, pod: { ...world.options.pod, packageSet: 'demo' } };
    world.settle();
    assert.equal(world.status?.packageSet, 'demo');
    assert.notEqual(world.status?.build?.inputHash, hash);
  });

  test('an image that the registry already serves is built by nobody', () => {
    const world = new World();
    const { inputHash = '' } = world.ask().status.build ?? {};
    world.image = { state: 'Present', publication: publication({ inputHash, ordinal: 4 }) };
    const { status, children } = world.settle();
    assert.equal(status.state, 'Built');
    assert.deepEqual(children, []);
    assert.equal(status.build?.ordinal, 4);
  });
});

describe('what the registry serves', () => {
  const rows = [
    { reason: 'another input', more: { inputHash: 'f'.repeat(64), ordinal: 7 } },
    { reason: 'the image of an earlier object of this name', more: { ordinal: 7, uid: 'another' } },
  ];
  for (const { reason, more } of rows)
    test(`${reason} is not this image: it is built, with the next ordinal`, () => {
      const world = new World();
      const { inputHash = '' } = world.ask().status.build ?? {};
      world.image = { state: 'Present', publication: publication({ inputHash, ...more }) };
      world.settle();
      assert.equal(world.status?.state, 'BuildPending');
      assert.equal(world.status?.build?.ordinal, 8);
    });

  test('unknown: the last status is repeated, and nothing is started', () => {
    const world = new World();
    world.build();
    const before = world.status;
    world.image = { state: 'Unknown', reason: 'the keeper does not answer' };
    const { status, children, resyncAfterSeconds } = world.settle();
    const { conditions: _now, ...now } = status;
    const { conditions: _then, ...then } = before ?? {};
    assert.deepEqual(now, then);
    assert.equal(truths(status), 'Unknown True False');
    assert.match(condition(status, 'Ready').message, /the keeper does not answer/);
    assert.deepEqual(children, []);
    assert.ok(resyncAfterSeconds);
    world.image = { state: 'Absent', ordinal: 1 };
    assert.equal(world.settle().status.build?.ordinal, 2, 'it was lost: it is built again');
  });

  test('unknown from the beginning: nothing is started, and it pends', () => {
    const world = new World();
    world.image = { state: 'Unknown', reason: 'no volume' };
    const { status, children } = world.settle();
    assert.equal(status.state, 'BuildPending');
    assert.deepEqual(children, []);
  });

  test('unknown while it builds: the Pod is left alone', () => {
    const world = new World();
    world.settle();
    world.run();
    world.settle();
    const pod = world.pod();
    world.image = { state: 'Unknown', reason: 'no volume' };
    world.settle();
    assert.equal(world.pod(), pod);
    assert.equal(world.status?.state, 'Building');
  });

  test('unknown while a changed image waits: the old Pod is not replaced', () => {
    const world = new World();
    world.settle();
    world.run();
    const pod = world.pod();
    world.image = { state: 'Unknown', reason: 'no volume' };
    world.change({ contents: ['jq'] });
    world.settle();
    assert.equal(world.pod(), pod);
    assert.equal(world.status?.observedGeneration, 2);
  });

  test('a namespace without a place: nothing is started, and the command that helps is told', () => {
    const world = new World();
    world.namespace = 'team-a';
    world.image = { state: 'NoNamespace' };
    const { status, children, resyncAfterSeconds } = world.settle();
    assert.deepEqual(children, []);
    assert.equal(resyncAfterSeconds, 1, 'it may be labelled this moment');
    assert.match(condition(status, 'Ready').message, /kubectl label namespace team-a /);
    world.seconds = 30;
    assert.equal(world.settle().resyncAfterSeconds, 10);
  });

  test('a namespace whose place is away for a while: the ordinal is not forgotten', () => {
    const world = new World();
    world.build();
    world.change({ contents: ['jq'] });
    world.settle();
    assert.equal(world.status?.build?.ordinal, 2);
    world.image = { state: 'NoNamespace' };
    world.settle();
    world.image = { state: 'Absent', ordinal: 0 };
    world.settle();
    assert.equal(world.status?.build?.ordinal, 2);
  });
});

describe('a changed image', () => {
  test('is built by a Pod of another name, the old one goes, and what is served stays in the status', () => {
    const world = new World();
    world.build(digest('a'));
    world.seconds = 100;
    world.change({ tag: 'v1', contents: ['curl'] });
    const { status } = world.settle();
    assert.equal(status.state, 'BuildPending');
    assert.equal(status.imageRef, `registry.example:5001/curl-and-jq@${digest('a')}`);
    assert.equal(status.digest, digest('a'));
    assert.equal(status.build?.ordinal, 2);
    world.run();
    world.settle();
    world.end('Succeeded');
    world.publish(digest('c'));
    assert.equal(world.settle().status.digest, digest('c'));
  });

  test('while the old one still builds: one Pod of each, the old one going', () => {
    const world = new World();
    world.settle();
    world.run();
    world.settle();
    const old = world.pod();
    world.change({ contents: ['jq'] });
    world.settle();
    assert.notEqual(world.pod(), old);
    assert.equal(world.pods.size, 2);
    // What the old one still manages to publish is not what is wanted.
    world.end('Succeeded', {}, old);
    world.settle();
    assert.equal(world.status?.state, 'BuildPending');
    world.vanish(old);
    world.settle();
    assert.equal(world.status?.build?.pod, world.pod());
  });

  test('and changed back before anything was built: the ordinal rises all the same', () => {
    const world = new World();
    const first = world.data;
    world.settle();
    world.change({ contents: ['jq'] });
    world.settle();
    world.change(first);
    world.settle();
    assert.equal(world.status?.build?.ordinal, 3);
  });

  test('and changed back while the first Pod is going: its name is not waited for', () => {
    const world = new World();
    const first = world.data;
    world.settle();
    world.run();
    world.settle();
    const old = world.pod();
    world.change({ contents: ['jq'] });
    world.settle();
    world.change(first);
    world.settle();
    assert.equal(world.pod(), old.replace(/-1$/, '-2'));
  });
});

describe('a ConfigMap that goes while nothing is known of the image', () => {
  test('is made again as it was, so that the build goes on afterwards', () => {
    const world = new World();
    world.settle();
    const known = world.image;
    world.image = { state: 'Unknown', reason: 'no answer' };
    const map = world.ask().children.find(({ kind }) => kind === 'ConfigMap');
    assert.ok(map !== undefined);
    world.image = known;
    const made = world.ask().children.find(({ kind }) => kind === 'ConfigMap');
    assert.deepEqual(map, made);
  });

  test('and that somebody changed is not given a digest', () => {
    const world = new World();
    world.settle();
    world.image = { state: 'Unknown', reason: 'no answer' };
    const [name, map] = [...world.configMaps][0] ?? assert.fail('there is no ConfigMap');
    world.configMaps.set(name, { ...map, data: { 'default.nix': 'import <evil>' } });
    const child = world.ask().children.find(({ kind }) => kind === 'ConfigMap');
    assert.equal(child?.metadata['annotations'], undefined);
  });
});

describe('a child that does not appear, or is not ours', () => {
  test('the ConfigMap: after a while it is told that something has its name', () => {
    const world = new World();
    world.step();
    world.configMaps.clear();
    world.seconds = 16;
    const { status } = world.step();
    assert.equal(truths(status), 'False False True');
    assert.match(condition(status, 'Stalled').message, /the ConfigMap curl-and-jq-\w{10} does not appear/);
  });

  test('the Pod: after a while it is told, and still wanted', () => {
    const world = new World();
    world.step();
    world.step();
    world.pods.clear();
    world.seconds = 16;
    const response = world.step();
    assert.match(
      condition(response.status, 'Stalled').message,
      /the Pod curl-and-jq-\w{10}-1 does not appear/,
    );
    assert.equal(wanted(response, 'Pod').size, 1);
  });

  test('a ConfigMap that somebody changed is not built', () => {
    const world = new World();
    world.step();
    for (const [name, map] of world.configMaps)
      world.configMaps.set(name, { ...map, data: { 'default.nix': '{ pkgs }: builtins.exec [ "sh" ]' } });
    const response = world.settle();
    assert.equal(wanted(response, 'Pod').size, 0);
    assert.equal(truths(response.status), 'False False True');
    assert.match(condition(response.status, 'Stalled').message, /was changed by somebody/);
  });

  test('children of another parent count as not there', () => {
    const world = new World();
    world.step();
    for (const [name, map] of world.configMaps)
      world.configMaps.set(name, {
        ...map,
        metadata: {
          ...JSON.parse(JSON.stringify(map['metadata'])),
          ownerReferences: [{ uid: 'other', controller: true }],
        },
      });
    assert.equal(wanted(world.step(), 'Pod').size, 0);
  });

  test('a rebuild long after the last: nothing is said to be missing that was not asked for', () => {
    const world = new World();
    world.build();
    world.seconds = 100_000;
    world.image = { state: 'Absent', ordinal: 1 };
    const { status } = world.step();
    assert.equal(truths(status), 'False True False');
    assert.equal(status.build?.ordinal, 2);
    world.step();
    assert.equal(truths(world.settle().status), 'False True False');
  });

  test('a ConfigMap that is going: it is waited for', () => {
    const world = new World();
    world.step();
    for (const [name, map] of world.configMaps)
      world.configMaps.set(name, {
        ...map,
        metadata: { ...JSON.parse(JSON.stringify(map['metadata'])), deletionTimestamp: time(1) },
      });
    const { children, resyncAfterSeconds } = world.step();
    assert.deepEqual(children, []);
    assert.ok(resyncAfterSeconds);
  });
});

describe('input that is not valid', () => {
  test('is told in a condition, and nothing is started', () => {
    const world = new World({ contents: [] });
    const { status, children } = world.settle();
    assert.equal(status.state, 'Failed');
    assert.equal(truths(status), 'False False True');
    assert.match(condition(status, 'Stalled').message, /^data\.contents is empty/);
    assert.match(status.failure?.message ?? '', /^data\.contents is empty/);
    assert.deepEqual(children, []);
  });

  test('leaves alone what runs, and what is served', () => {
    const world = new World();
    world.build(digest('a'));
    world.change({ contents: ['jq'] });
    world.settle();
    world.run();
    world.settle();
    const pod = world.pod();
    world.change({ contents: [] });
    const { status } = world.settle();
    assert.equal(world.pod(), pod);
    assert.equal(world.configMaps.size, 1);
    assert.equal(status.digest, digest('a'));
    assert.equal(status.build?.ordinal, 2);
  });

  test('an expression that no ConfigMap can carry is told with its size', () => {
    const cmd = Array.from({ length: 40 }, () => 'x'.repeat(8000));
    const { status, children } = new World({ contents: ['curl'], config: { cmd } }).settle();
    assert.match(condition(status, 'Stalled').message, /have 32\d{4} bytes; a ConfigMap carries 204800/);
    assert.deepEqual(children, []);
  });

  test('5,000 contents are built', () => {
    const world = new World({ contents: Array.from({ length: 5000 }, (_, index) => `package${index}`) });
    world.settle();
    assert.equal(world.pods.size, 1);
  });
});

describe('times', () => {
  test('a condition has the time of its last change, through whatever comes between', () => {
    const world = new World();
    world.settle();
    const ready = condition(world.status, 'Ready').lastTransitionTime;
    assert.equal(ready, time(0));
    world.seconds = 5;
    world.run();
    world.settle();
    assert.equal(condition(world.status, 'Ready').lastTransitionTime, time(0), 'it was False, and is');
    world.seconds = 9;
    world.end('Succeeded');
    world.publish();
    world.settle();
    assert.equal(condition(world.status, 'Ready').lastTransitionTime, time(9));
    assert.equal(condition(world.status, 'Stalled').lastTransitionTime, time(0));
  });

  test('the clock alone changes nothing in the answer about an image that is built', () => {
    const world = new World();
    world.build();
    const before = JSON.stringify(world.ask());
    world.seconds += 1_000_000;
    assert.equal(JSON.stringify(world.ask()), before);
  });
});
