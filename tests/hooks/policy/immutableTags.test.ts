import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ImmutableTags, parseImmutableTags, tagRefusal } from '../../../hooks/policy/immutableTags.ts';
import type { ImageState } from '../../../runtime/contract/keeper.ts';
import { publication, World } from '../support/world.ts';

function immutable(text: string): ImmutableTags {
  const parsed = parseImmutableTags(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

describe('tags stay what they are', () => {
  const served = (inputHash: string, uid = 'mine'): ImageState => ({
    state: 'Present',
    publication: publication({ inputHash, uid, ordinal: 1 }),
  });
  const rows: {
    reason: string;
    namespaces?: string;
    tagPolicy?: 'Mutable' | 'Immutable';
    observed?: ImageState;
    says?: RegExp;
  }[] = [
    { reason: 'nobody says so', observed: served('old') },
    { reason: 'the manifest says so', tagPolicy: 'Immutable', says: /data\.tagPolicy is Immutable/ },
    { reason: 'the operator says so of all', namespaces: '*', says: /immutable-tags of this cluster/ },
    {
      reason: 'the operator says so of this namespace',
      namespaces: 'prod, team-*',
      says: /namespace team-a/,
    },
    {
      reason: 'the operator says so, and the manifest otherwise',
      namespaces: 'team-a',
      tagPolicy: 'Mutable',
      says: /immutable-tags/,
    },
    { reason: 'the operator says so of others', namespaces: 'team,a-team-a' },
    { reason: 'the contents are the same', namespaces: '*', observed: served('new') },
    { reason: 'nothing is served yet', namespaces: '*', observed: { state: 'Absent', ordinal: 0 } },
    {
      reason: 'an object of the same name served it before',
      namespaces: '*',
      observed: served('old', 'other'),
    },
  ];
  for (const { reason, namespaces, tagPolicy, observed = served('old'), says } of rows)
    test(reason, () => {
      const policy = tagPolicy === undefined ? {} : { tagPolicy };
      const image = { name: 'a', namespace: 'team-a', data: { tag: 'v1', defaults: true, ...policy } };
      const tags = namespaces === undefined ? [] : immutable(namespaces);
      const said = tagRefusal(image, observed, { hash: 'new', uid: 'mine' }, tags);
      if (says === undefined) assert.equal(said, undefined);
      else assert.match(said ?? '', says);
    });

  for (const text of ['', 'Prod', 'a,,b', 'a/b', '-'])
    test(`${JSON.stringify(text)} names no namespaces`, () =>
      assert.equal(parseImmutableTags(text).ok, false));

  test('a token for a build of the same is other contents, and another tag is free', () => {
    const world = new World({ tag: 'v1', contents: ['curl'] });
    world.options = { ...world.options, immutableTags: immutable('*') };
    world.build();
    world.annotations = { 'k8s.nixos.org/rebuild': '1' };
    assert.equal(world.settle().status.failure?.reason, 'TagIsTaken');
    assert.equal(world.pods.size, 0);
    world.change({ tag: 'v2', contents: ['curl'] });
    world.image = { state: 'Absent', ordinal: 1 };
    world.settle();
    assert.equal(world.pods.size, 1);
  });
});
