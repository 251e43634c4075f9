import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { finalize, isQuiet } from '../../hooks/finalize.ts';
import { parseRequest, RequestError } from '../../hooks/parseRequest.ts';
import { type ObservedImage, sync } from '../../hooks/sync.ts';
import { assertTaken } from './support/status.ts';
import { options, parentUid, publication, time, World } from './support/world.ts';

describe('finalize', () => {
  test('wants no children, and waits until no builder is seen', () => {
    const world = new World();
    world.settle();
    world.run();
    world.settle();
    const request = parseRequest({ ...world.body(), finalizing: true });
    assert.equal(isQuiet(request), false);
    const answer = finalize(request, false);
    assert.deepEqual(answer.children, []);
    assert.equal(answer.finalized, false);
    assert.ok(answer.resyncAfterSeconds);
    assert.deepEqual(answer.status, world.status, 'what was known stays readable');
  });

  test('a builder on its way out can still publish', () => {
    const world = new World();
    world.settle();
    world.deletePod();
    assert.equal(isQuiet(parseRequest(world.body())), false);
  });

  test('is done when the keeper has removed the tags, and only then', () => {
    const world = new World();
    world.build();
    const request = parseRequest({ ...world.body(), finalizing: true });
    assert.equal(isQuiet(request), true);
    const waiting = finalize(request, false);
    assert.equal(waiting.finalized, false);
    assert.ok(waiting.resyncAfterSeconds);
    const done = finalize(request, true);
    assert.equal(done.finalized, true);
    assert.equal(done.resyncAfterSeconds, undefined);
  });

  test('is not done while a builder is seen, whatever the keeper has removed', () => {
    const world = new World();
    world.settle();
    assert.equal(finalize(parseRequest(world.body()), true).finalized, false);
  });
});

/** Values of the right form, and of any other. */
const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(null));
const times = fc.oneof(fc.constantFrom(time(0), time(50), '1', 'soon', '2026-13-01T00:00:00Z'), anything);
const names = fc.constantFrom('curl-and-jq', 'curl-and-jq-bbe12c8441', 'curl-and-jq-bbe12c8441-1', 'other');
const some = <Value>(model: Record<string, fc.Arbitrary<Value>>) => fc.record(model, { requiredKeys: [] });
const mostly = (arbitrary: fc.Arbitrary<unknown>) =>
  fc.oneof({ arbitrary, weight: 6 }, { arbitrary: anything, weight: 1 });

const metadata = some<unknown>({
  name: mostly(names),
  namespace: fc.constantFrom('default', 'team-a'),
  uid: mostly(fc.constant(parentUid)),
  generation: mostly(fc.nat()),
  creationTimestamp: mostly(fc.constant(time(0))),
  deletionTimestamp: times,
  managedFields: mostly(fc.array(some<unknown>({ time: times, subresource: anything }), { maxLength: 2 })),
  ownerReferences: mostly(fc.constant([{ uid: parentUid, controller: true }])),
});
const status = some<unknown>({
  state: mostly(fc.constantFrom('BuildPending', 'Building', 'Built', 'Failed')),
  build: mostly(
    some<unknown>({
      inputHash: mostly(
        fc.constantFrom('bbe12c844183ae8d63bec114c794bcbc9e5bad35a56d75bae540a278b87092e5', '0'),
      ),
      ordinal: mostly(fc.nat()),
      attempt: mostly(fc.integer({ min: 0, max: 4 })),
      pod: mostly(names),
      startedAt: times,
      finishedAt: times,
    }),
  ),
  failure: mostly(some<unknown>({ reason: mostly(fc.constant('DiskFull')), message: mostly(fc.string()) })),
  size: mostly(fc.nat()),
  digest: mostly(fc.string()),
  conditions: mostly(
    fc.array(
      some<unknown>({
        type: fc.constantFrom('Ready', 'Stalled'),
        status: mostly(fc.constantFrom('True', 'False')),
        reason: fc.constant('x'),
        message: fc.constant('y'),
        lastTransitionTime: times,
      }),
      { maxLength: 2 },
    ),
  ),
});
const terminated = some<unknown>({
  exitCode: anything,
  message: mostly(fc.string()),
  startedAt: times,
  finishedAt: times,
});
const pod = some<unknown>({
  metadata: mostly(metadata),
  status: mostly(
    some<unknown>({
      phase: mostly(fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown')),
      reason: mostly(fc.string()),
      conditions: mostly(fc.array(some<unknown>({ type: fc.constant('PodScheduled'), status: anything }))),
      containerStatuses: mostly(
        fc.array(
          some<unknown>({ name: mostly(fc.constant('builder')), state: some<unknown>({ terminated }) }),
        ),
      ),
    }),
  ),
});
const body = some<unknown>({
  parent: mostly(
    some<unknown>({
      apiVersion: fc.constant('k8s.nixos.org/v1'),
      kind: fc.constant('NixImage'),
      metadata: mostly(metadata),
      data: mostly(
        some<unknown>({ tag: mostly(fc.constant('v1')), contents: mostly(fc.constant(['curl'])) }),
      ),
      status: mostly(status),
    }),
  ),
  children: mostly(
    some<unknown>({
      'ConfigMap.v1': mostly(
        fc.dictionary(names, some<unknown>({ metadata, data: anything }), { maxKeys: 2 }),
      ),
      'Pod.v1': mostly(fc.dictionary(names, pod, { maxKeys: 3 })),
    }),
  ),
  finalizing: anything,
});
const image: fc.Arbitrary<ObservedImage> = fc.oneof(
  fc.constant({ state: 'Unknown' as const, reason: 'the keeper does not answer' }),
  fc.constant({ state: 'NoNamespace' as const }),
  fc.nat().map((ordinal) => ({ state: 'Absent' as const, ordinal })),
  fc.nat().map((ordinal) => ({
    state: 'Present' as const,
    publication: publication({ inputHash: 'f'.repeat(64), ordinal }),
  })),
);

describe('whatever is sent', () => {
  test('the answer is one that the API server takes, the same each time, or the request is refused', () => {
    let answered = 0;
    fc.assert(
      fc.property(body, image, fc.nat(), (sent, observed, now) => {
        const text = JSON.stringify(sent);
        let request: ReturnType<typeof parseRequest>;
        try {
          request = parseRequest(sent);
        } catch (error) {
          assert.ok(error instanceof RequestError, String(error));
          return;
        }
        answered += 1;
        const clock = Date.parse(time(now));
        const turn = { turn: 'Go', since: time(0) } as const;
        const answer = sync(request, observed, options, clock, turn).response;
        assertTaken(answer.status);
        assertTaken(finalize(request, false).status);
        assert.equal(
          JSON.stringify(sync(parseRequest(JSON.parse(text)), observed, options, clock, turn).response),
          JSON.stringify(answer),
        );
        assert.equal(JSON.stringify(sent), text, 'the request stays as it was');
        if (observed.state === 'Unknown')
          for (const child of answer.children)
            assert.ok(
              request.children.pods.has(child.metadata.name) ||
                request.children.configMaps.has(child.metadata.name),
              'nothing is started while nothing is known',
            );
      }),
      { numRuns: 3000 },
    );
    assert.ok(answered > 100, `only ${answered} requests were whole enough to be answered`);
  });
});
