import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { customize } from '../../hooks/customize.ts';
import { parseRequest } from '../../hooks/parseRequest.ts';
import { parsePolicy } from '../../hooks/policy/policy.ts';
import { withConfigMaps } from '../../hooks/resource/configMaps.ts';
import type { ImageData } from '../../hooks/resource/niximage.ts';
import { manifest } from './support/manifest.ts';
import { World } from './support/world.ts';

const base = { tag: 'v1', contents: ['curl'], defaults: true };
const texts = new Map([
  ['app', { 'a.conf': 'A', 'b.conf': 'B' }],
  ['nix', { overlay: 'final: prev: { }', broken: 'a\0' }],
]);

describe('what ConfigMaps hold stands where they are named', () => {
  const rows: { reason: string; data: Partial<ImageData>; gives: Partial<ImageData> }[] = [
    {
      reason: 'a file',
      data: { files: [{ path: '/etc/a', configMap: { name: 'app', key: 'a.conf' }, executable: true }] },
      gives: { files: [{ path: '/etc/a', text: 'A', executable: true }] },
    },
    {
      reason: 'all files, in the order of their names, beside others',
      data: {
        files: [
          { path: '/etc/app', configMap: { name: 'app' } },
          { path: '/x', text: 'X' },
        ],
      },
      gives: {
        files: [
          { path: '/etc/app/a.conf', text: 'A' },
          { path: '/etc/app/b.conf', text: 'B' },
          { path: '/x', text: 'X' },
        ],
      },
    },
    {
      reason: 'an overlay',
      data: { overlays: [{ configMap: { name: 'nix', key: 'overlay' } }] },
      gives: { overlays: [{ inline: 'final: prev: { }' }] },
    },
    {
      reason: 'a source, with a file for each text, beside others',
      data: {
        sources: [
          { name: 'mine', configMap: { name: 'app' } },
          { name: 'nixpkgs', channel: 'nixos-25.11' },
        ],
      },
      gives: {
        sources: [
          {
            name: 'mine',
            files: [
              { path: 'a.conf', text: 'A' },
              { path: 'b.conf', text: 'B' },
            ],
          },
          { name: 'nixpkgs', channel: 'nixos-25.11' },
        ],
      },
    },
    {
      reason: 'an expression',
      data: { expression: { configMap: { name: 'nix', key: 'overlay' } } },
      gives: { expression: { inline: 'final: prev: { }' } },
    },
  ];
  for (const { reason, data, gives } of rows)
    test(reason, () => {
      const resolved = withConfigMaps({ ...base, ...data }, texts);
      assert.ok(resolved.ok);
      assert.deepEqual(resolved.data, { ...base, ...gives });
    });

  test('an image that names none is the same object', () => {
    const resolved = withConfigMaps(base, texts);
    assert.ok(resolved.ok && resolved.data === base);
  });

  const refused: {
    reason: string;
    configMap: { name: string; key: string };
    missing: boolean;
    says: string;
  }[] = [
    {
      reason: 'no such ConfigMap',
      configMap: { name: 'other', key: 'a' },
      missing: true,
      says: 'data.overlays[0].configMap: there is no ConfigMap other in this namespace; the image can be built once there is one',
    },
    {
      reason: 'no such key, though JavaScript has one',
      configMap: { name: 'app', key: 'toString' },
      missing: true,
      says: 'data.overlays[0].configMap: the ConfigMap app has no text under the key toString; the image can be built once it has one',
    },
    {
      reason: 'what Nix cannot hold',
      configMap: { name: 'nix', key: 'broken' },
      missing: false,
      says: 'data.overlays[0].configMap: what the ConfigMap nix has under the key broken holds a NUL character or half of a UTF-16 pair, which is no text',
    },
  ];
  for (const { reason, configMap, missing, says } of refused)
    test(reason, () =>
      assert.deepEqual(withConfigMaps({ ...base, overlays: [{ configMap }] }, texts), {
        ok: false,
        missing,
        message: says,
      }),
    );
});

describe('customize', () => {
  const file = (name: string) => ({ path: `/${name}`, configMap: { name, key: 'k' } });
  const own = { apiVersion: 'v1', resource: 'namespaces', names: ['default'] };
  const rows: { reason: string; parent: unknown; names: readonly string[] }[] = [
    { reason: 'asks for the namespace alone where nothing is named', parent: manifest(base), names: [] },
    {
      reason: 'asks for each ConfigMap once',
      parent: manifest({
        ...base,
        files: [file('a'), file('b')],
        overlays: [{ configMap: { name: 'a', key: 'x' } }],
      }),
      names: ['a', 'b'],
    },
    {
      reason: 'asks for the namespace alone where the manifest is wrong',
      parent: manifest({ files: [file('a')] }),
      names: [],
    },
  ];
  for (const { reason, parent, names } of rows)
    test(reason, () =>
      assert.deepEqual(
        customize(parent),
        names.length === 0
          ? { relatedResources: [own] }
          : {
              relatedResources: [
                own,
                { apiVersion: 'v1', resource: 'configmaps', namespace: 'default', names },
              ],
            },
      ),
    );

  test('is not upset by what is no object', () => {
    for (const parent of [7, null, undefined, {}, { metadata: 1 }])
      assert.deepEqual(customize(parent), { relatedResources: [] });
  });
});

describe('the life of an image that is made from a ConfigMap', () => {
  const data = { ...base, files: [{ path: '/etc/app', configMap: { name: 'app', key: 'conf' } }] };

  test('it waits for the ConfigMap, is built, and is built again when the text changes', () => {
    const world = new World(data);
    const ready = () => world.status?.conditions?.find(({ type }) => type === 'Ready');
    world.settle();
    assert.equal(ready()?.reason, 'ConfigMapMissing');
    assert.equal(world.status?.state, 'BuildPending');
    assert.equal(world.pods.size, 0);

    world.texts.set('app', { conf: 'one', other: 'x' });
    world.build();
    const [first, served] = [world.status.build?.inputHash, world.status.imageRef];
    world.texts.set('app', { conf: 'one', other: 'changed' });
    assert.equal(world.settle().status.build?.inputHash, first, 'what it does not name does not count');

    world.texts.set('app', { conf: 'two' });
    world.settle();
    assert.notEqual(world.status.build?.inputHash, first);
    assert.equal(world.pods.size, 1);
    const [map] = world.configMaps.values();
    assert.match(JSON.stringify(map), /text = .*two/);

    world.texts.delete('app');
    world.settle();
    assert.equal(ready()?.reason, 'ConfigMapMissing');
    assert.equal(world.status.imageRef, served, 'what is served stays');
    assert.equal(world.pods.size, 1, 'and what runs goes on');
  });

  test('a ConfigMap of another namespace, or one that is going, is none of its business', () => {
    const world = new World(data);
    const related = (metadata: object) => ({
      ...world.body(),
      related: {
        'ConfigMap.v1': { app: { metadata: { name: 'app', uid: 'u', ...metadata }, data: { a: 'b' } } },
      },
    });
    const seen = (metadata: object) => [...parseRequest(related(metadata)).configMaps.keys()];
    assert.deepEqual(seen({ namespace: 'default' }), ['app']);
    assert.deepEqual(seen({ namespace: 'other' }), []);
    assert.deepEqual(seen({ namespace: 'default', deletionTimestamp: '2026-01-01T00:00:00Z' }), []);
  });

  test('an overlay from a ConfigMap is Nix code of the manifest, by the policy', () => {
    const world = new World({ ...base, overlays: [{ configMap: { name: 'app', key: 'conf' } }] });
    world.texts.set('app', { conf: 'final: prev: { }' });
    const ready = () => world.status?.conditions?.find(({ type }) => type === 'Ready');
    world.settle();
    assert.equal(ready()?.reason, 'PolicyRefused');
    const allowed = parsePolicy('inline-nix');
    assert.ok(allowed.ok);
    world.options = { ...world.options, policy: allowed.value };
    world.build();
  });
});
