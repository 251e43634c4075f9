import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsePolicy } from '../../hooks/policy/policy.ts';
import { parseBuildOrder } from '../../runtime/contract/buildOrder.ts';
import { World } from './support/world.ts';

const tools = { name: 'tools', git: { url: 'https://example.org/tools' } };
const data = { tag: 'v1', contents: ['tools.cli'], sources: [tools] };
const resolved = { name: 'tools', rev: 'a'.repeat(40), narHash: 'sha256:0abc' };
const built = (sources: unknown): string => JSON.stringify({ v: 1, result: 'Built', sources });

function world(): World {
  const allowed = parsePolicy('sources');
  assert.ok(allowed.ok);
  const made = new World(data);
  made.options = { ...made.options, policy: allowed.value };
  return made;
}

/** What the Pod that is there was told to fetch. */
function ordered(of: World): unknown {
  const pod = JSON.parse(JSON.stringify(of.pods.get(of.pod())));
  return parseBuildOrder(pod.spec.containers[0].args.slice(1)).sources;
}

function build(of: World, message: string): void {
  of.settle();
  of.run();
  of.settle();
  of.end('Succeeded', { message });
  of.publish();
  of.settle();
  assert.equal(of.status?.state, 'Built');
}

describe('sources', () => {
  test('are fetched by the builder, and the status says what they were', () => {
    const image = world();
    image.settle();
    assert.deepEqual(ordered(image), [tools]);
    build(image, built([resolved]));
    assert.equal(image.pods.size, 0);
    assert.deepEqual(image.status?.sources, [resolved]);
  });

  test('are the same again where the image is lost', () => {
    const image = world();
    build(image, built([resolved]));
    image.image = { state: 'Absent', ordinal: 1 };
    image.settle();
    const { name: _, ...pin } = resolved;
    assert.deepEqual(ordered(image), [{ ...tools, pin }]);
    assert.deepEqual(image.status?.sources, [resolved]);
  });

  test('are looked up anew where the manifest has changed', () => {
    const image = world();
    build(image, built([resolved]));
    image.change({ ...data, contents: ['tools.other'] });
    image.settle();
    assert.deepEqual(ordered(image), [tools]);
    assert.equal(image.status?.sources, undefined);
  });

  const reports: { reason: string; message: string }[] = [
    { reason: 'no JSON', message: 'built' },
    { reason: 'no sources', message: built(undefined) },
    { reason: 'no list', message: built({}) },
    { reason: 'another form', message: built([{ name: 'tools' }]) },
    { reason: 'names nobody asked for', message: built([{ ...resolved, name: 'other' }]) },
  ];
  for (const { reason, message } of reports)
    test(`a report that holds ${reason} says nothing`, () => {
      const image = world();
      build(image, message);
      assert.equal(image.status?.sources, undefined);
    });

  test('a name twice in a report is said once', () => {
    const image = world();
    build(image, built([resolved, { ...resolved, rev: 'b' }]));
    assert.deepEqual(image.status?.sources, [resolved]);
  });

  test('are refused where the operator has not allowed them, with the name of the rule', () => {
    const image = new World(data);
    const { status } = image.settle();
    const stalled = status.conditions?.find(({ type }) => type === 'Stalled');
    assert.equal(stalled?.reason, 'PolicyRefused');
    assert.match(
      stalled.message,
      /^data\.sources is not allowed in the namespace default, by the rule sources /,
    );
    assert.equal(image.pods.size, 0);
  });
});
