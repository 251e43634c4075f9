import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsePolicy } from '../../hooks/policy/policy.ts';
import { parseBuildOrder } from '../../runtime/contract/buildOrder.ts';
import { World } from './support/world.ts';

const tools = { name: 'tools', git: { url: 'https://example.org/tools' } };
const data = { tag: 'v1', contents: ['tools.cli'], sources: [tools] };
const resolved = { name: 'tools', rev: 'a'.repeat(40), narHash: 'sha256:0abc' };
const built = (sources: unknown): string => JSON.stringify({ v: 1, result: 'Built', sources });

function world(rules = 'sources', of: unknown = data): World {
  const allowed = parsePolicy(rules);
  assert.ok(allowed.ok);
  const made = new World(of);
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

  describe('the package set that the operator names by a URL', () => {
    const [first, second] = ['https://example.org/a.tar.xz', 'https://example.org/b.tar.xz'];
    const found = { name: 'nixpkgs', rev: 'b'.repeat(40), narHash: 'sha256:0abc' };
    const order = { name: 'nixpkgs', tarball: { url: first }, byOperator: true };
    const { name: _, ...pin } = found;

    function of(url: string, made: unknown = { tag: 'v1', contents: ['curl'] }): World {
      const image = world('sources', made);
      image.options = { ...image.options, pod: { ...image.options.pod, nixpkgs: url } };
      return image;
    }

    function renamed(image: World, url: string): void {
      image.options = { ...image.options, pod: { ...image.options.pod, nixpkgs: url } };
    }

    test('is a source too, and the status says what it was', () => {
      const image = of(first);
      image.settle();
      assert.deepEqual(image.status?.sources, [{ name: 'nixpkgs', url: first }]);
      assert.deepEqual(ordered(image), [order]);
      build(image, built([found]));
      assert.deepEqual(image.status?.sources, [{ ...found, url: first }]);
    });

    test('is the same again where the image is lost, whatever the operator names by then', () => {
      const image = of(first);
      build(image, built([found]));
      renamed(image, second);
      image.settle();
      assert.deepEqual(image.status?.sources, [{ ...found, url: first }]);
      image.image = { state: 'Absent', ordinal: 1 };
      image.settle();
      assert.deepEqual(ordered(image), [{ pin, ...order }]);
    });

    test('is another one once the manifest has changed', () => {
      const image = of(first);
      build(image, built([found]));
      renamed(image, second);
      image.change({ tag: 'v1', contents: ['jq'] });
      image.settle();
      assert.deepEqual(image.status?.sources, [{ name: 'nixpkgs', url: second }]);
    });

    test('is none where the manifest names its own', () => {
      const own = { name: 'nixpkgs', channel: 'nixos-25.11' };
      const image = of(first, { tag: 'v1', contents: ['curl'], sources: [own] });
      image.settle();
      assert.deepEqual(ordered(image), [own]);
      assert.equal(image.status?.sources, undefined);
    });

    test('stays unknown for an image that was built before it was a source', () => {
      const image = of('/nixpkgs');
      build(image, built(undefined));
      renamed(image, first);
      image.settle();
      assert.equal(image.status?.sources, undefined);
    });
  });

  test('stay what they were while a build is suspended', () => {
    const image = world();
    build(image, built([resolved]));
    image.image = { state: 'Absent', ordinal: 1 };
    image.change({ ...data, suspend: true });
    image.settle();
    assert.deepEqual(image.status?.sources, [resolved]);
    image.change(data);
    image.settle();
    const { name: _, ...pin } = resolved;
    assert.deepEqual(ordered(image), [{ ...tools, pin }]);
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

  test('a report without names, for which there was no room, tells them in their order', () => {
    const image = world('sources', { tag: 'v1', contents: ['github:a/b#c', 'tools.d'], sources: [tools] });
    const [first, second] = [{ rev: 'a'.repeat(40), narHash: 'sha256:0abc' }, { narHash: 'sha256:0def' }];
    build(image, built([first, second]));
    assert.deepEqual(image.status?.sources, [
      { name: 'tools', ...first },
      { name: 'github:a/b', ...second },
    ]);
  });

  test('a name twice in a report is said once', () => {
    const image = world();
    build(image, built([resolved, { ...resolved, rev: 'b' }]));
    assert.deepEqual(image.status?.sources, [resolved]);
  });

  test('of a ConfigMap are handed over beside the expression, and a changed text is another build', () => {
    const image = world('inline-nix', {
      ...data,
      sources: [{ name: 'tools', configMap: { name: 'nix' } }],
    });
    image.texts.set('nix', { 'default.nix': '{ hello }: { cli = hello; }', 'a.nix': '7' });
    image.settle();
    const files = [
      { path: 'a.nix', text: '7' },
      { path: 'default.nix', text: '{ hello }: { cli = hello; }' },
    ];
    const [map] = image.configMaps.values();
    assert.deepEqual(JSON.parse(String(Reflect.get(Object(map?.['data']), 'sources.json'))), {
      tools: files,
    });
    assert.deepEqual(ordered(image), [{ name: 'tools' }], 'no text stands in the command line');
    build(image, built([{ name: 'tools', narHash: 'sha256:0abc' }]));
    const first = image.status?.build?.inputHash;
    image.texts.set('nix', { 'default.nix': '{ jq }: { cli = jq; }' });
    image.settle();
    assert.notEqual(image.status?.build?.inputHash, first);
    assert.equal(image.status?.sources, undefined, 'what it was is no more');
  });

  test('are the flakes too that contents name, each once', () => {
    const image = world('sources', {
      tag: 'v1',
      contents: ['github:a/b#c', 'github:a/b#d', 'git+https://e'],
    });
    image.settle();
    const [one, other] = ['github:a/b', 'git+https://e'];
    assert.deepEqual(ordered(image), [
      { name: one, flake: one },
      { name: other, flake: other },
    ]);
    const found = { name: one, rev: 'a'.repeat(40), narHash: 'sha256:0abc' };
    build(image, built([found]));
    assert.deepEqual(image.status?.sources, [found]);
  });

  test('on a volume are a folder of the Pod, which sees nothing else of it', () => {
    const volume = { nfs: { server: '10.0.0.5', path: '/srv' } };
    const image = world('source-volumes', {
      ...data,
      sources: [
        { name: 'tools', volume: { name: 'checkouts', path: 'team-a/tools' } },
        { name: 'more', volume: { name: 'checkouts' } },
      ],
    });
    image.options = {
      ...image.options,
      pod: { ...image.options.pod, sourceVolumes: { checkouts: { volume } } },
    };
    image.settle();
    assert.deepEqual(ordered(image), [
      { name: 'tools', folder: '/niximage/sources/tools' },
      { name: 'more', folder: '/niximage/sources/more' },
    ]);
    const { spec } = JSON.parse(JSON.stringify(image.pods.get(image.pod())));
    const named = (name: string) => (each: { name: string }) => each.name === name;
    assert.deepEqual(spec.volumes.filter(named('source-checkouts')), [
      { name: 'source-checkouts', ...volume },
    ]);
    const mount = { name: 'source-checkouts', readOnly: true };
    assert.deepEqual(spec.containers[0].volumeMounts.filter(named('source-checkouts')), [
      { ...mount, mountPath: '/niximage/sources/tools', subPath: 'team-a/tools' },
      { ...mount, mountPath: '/niximage/sources/more' },
    ]);
  });

  test('on a volume that the operator does not lend are refused', () => {
    const image = world('source-volumes', { ...data, sources: [{ name: 'a', volume: { name: 'b' } }] });
    const stalled = image.settle().status.conditions?.find(({ type }) => type === 'Stalled');
    assert.equal(stalled?.reason, 'PolicyRefused');
    assert.match(stalled.message, /source-volumes of this cluster's policy lends nothing/);
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
