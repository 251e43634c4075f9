import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, inputHash, shortHash } from '../../hooks/inputHash.ts';
import type { ImageData } from '../../hooks/resource/niximage.ts';
import { validateNixImage } from '../../hooks/resource/validate.ts';
import { validImage } from './support/arbitraries.ts';
import { images } from './support/images.ts';
import { manifest } from './support/manifest.ts';
import { parseJson } from './support/parseJson.ts';

/** A change of one of these builds every image of its users again: raise `outputVersion` or find another way. */
const golden: Readonly<Record<string, string>> = {
  'curl-and-jq.plain': 'f29b26b9ed5a496602e0404f5aa9a72822537b2266f98e5cad02ec57d05c5919',
  'curl-and-jq': 'bbe12c844183ae8d63bec114c794bcbc9e5bad35a56d75bae540a278b87092e5',
  hello: '44b7634a2be759c11fabb0c2f53b151dbf051b100d9744a80c321079bdc3ebcb',
  shell: 'b7f3cf332df26d5262b959b47bc812e06e8f0ed178462bb0e19dd287742da8a1',
  'web-server': 'ae302842429ffe9e81bcae6ef6b21a04523405e0fed9d329039d93b2e8ad818e',
  names: 'da2388ef01381f39c21a582562adea8df0ce2d93325bad56876cc1332e1846f6',
  arguments: '44ffe4c0d6099bc99ac61741e0f6fa22c8fb899107046d9ac67738d32b1f93c7',
  flakes: 'e16dd8fff8804f0477afe57ed5ecc06e6445f7a8ff7ee71627633be8991d03d6',
  sets: '8bf64955f25f3cdd8c79a28d4612eecc6b28a742b7a53cc24c9aec0b7272bcad',
  environment: 'de442e8d7233294b5f3cab92e49c39a2fda40b6024943ff19f16aafcbdbf9361',
  sources: 'f7d58e419052b0ab0666a52266e8a0e29abc1a7a5ea16544eb5fb1911131ea49',
  'expression.source': '29e6e20ae1cfd83c8a5eb5c8e2cd367460a6eb62554e164dd2afc76f2a01eca7',
  packages: '6caf83a93d9917917b6fb991427d9f1b2ea2231f49d74c8259c38de1632b4210',
  expression: 'a34f887c2c93451a7902c8833111c0b54c5ee70f247c5cbdd3ab00934806f39c',
  'own-user': '73aabfc797bf757c6a12edaa32839c8aff997d237470fa4430bbf72d031bbbfb',
  'own-user.plain': '82ead5d6d9e3280808f0d64e64ea96b30755dd052b5b53bf8bd6a5c13cf46d43',
};

function dataOf(object: unknown): ImageData {
  const validated = validateNixImage(object);
  assert.ok(validated.ok);
  return validated.image.data;
}

const base = { tag: 'v1', contents: ['curl', 'jq', 'bash'] };
const hashOf = (data: unknown, metadata?: Readonly<Record<string, unknown>>) =>
  inputHash(dataOf(manifest(data, metadata)), 'nixpkgs');

describe('golden hashes: an upgrade builds nothing again', () => {
  for (const { file, reason, data, packageSet } of images)
    test(`${file}: ${reason}`, () => assert.equal(inputHash(data, packageSet ?? 'nixpkgs'), golden[file]));

  test('the hash is the SHA-256 of what the user wrote, sorted', () => {
    const text = '{"data":{"contents":["curl","jq","bash"],"tag":"v1"},"outputVersion":1}';
    assert.equal(hashOf(base), createHash('sha256').update(text).digest('hex'));
  });
});

describe('what says nothing about the image does not count', () => {
  const rows: { reason: string; data: unknown; metadata?: Readonly<Record<string, unknown>> }[] = [
    { reason: 'the order of the fields', data: { contents: base.contents, tag: 'v1' } },
    { reason: 'a default that is written out', data: { ...base, defaults: true } },
    { reason: 'a field that is null', data: { ...base, config: null, maxLayers: null } },
    {
      reason: 'labels and annotations of the object',
      data: base,
      metadata: { name: 'curl-and-jq', labels: { team: 'a' }, annotations: { note: 'b' }, generation: 7 },
    },
    { reason: "the Pod's options", data: { ...base, pod: { memory: '4Gi' } } },
    {
      reason: 'where finished packages come from',
      data: { ...base, nix: { substituters: ['https://a.example'] } },
    },
    { reason: 'what it fetches with', data: { ...base, secrets: { netrc: 'a' } } },
    { reason: 'whether it is suspended', data: { ...base, suspend: true } },
    { reason: 'the policy of its tag', data: { ...base, tagPolicy: 'Immutable' } },
    { reason: 'the name, which stands before the hash in every name', data: base, metadata: { name: 'b' } },
  ];
  for (const { reason, data, metadata } of rows)
    test(reason, () => assert.equal(hashOf(data, metadata), hashOf(base)));

  test('a default in the tag', () =>
    assert.equal(hashOf({ contents: ['a'] }), hashOf({ tag: 'latest', contents: ['a'] })));
});

describe('what gives another image counts', () => {
  const rows: { reason: string; data: unknown }[] = [
    { reason: 'another tag', data: { ...base, tag: 'v2' } },
    { reason: 'another package', data: { ...base, contents: ['curl', 'jq', 'dash'] } },
    {
      reason: 'another order, for the first of two same files wins',
      data: { ...base, contents: ['jq', 'curl', 'bash'] },
    },
    { reason: 'no defaults', data: { ...base, defaults: false } },
    { reason: 'more layers', data: { ...base, maxLayers: 101 } },
    { reason: 'a label of the image', data: { ...base, config: { labels: { team: 'a' } } } },
  ];
  for (const { reason, data } of rows) test(reason, () => assert.notEqual(hashOf(data), hashOf(base)));

  test('a token for a build of the same again', () => {
    const data = dataOf(manifest(base));
    assert.notEqual(inputHash(data, 'nixpkgs', 'again'), inputHash(data, 'nixpkgs'));
    assert.equal(inputHash(data, 'nixpkgs', ''), inputHash(data, 'nixpkgs'));
  });

  test('another set of packages', () =>
    assert.notEqual(inputHash(dataOf(manifest(base)), 'demo'), hashOf(base)));

  test('no two of many images have one hash, nor one in their names', () => {
    const inputs = fc.sample(validImage, 500).map(({ data }) => ({ data, text: canonicalJson(data) }));
    const different = new Map(inputs.map(({ data, text }) => [text, shortHash(inputHash(data, 'nixpkgs'))]));
    assert.equal(new Set(different.values()).size, different.size);
  });
});

test('canonical JSON says the same, whatever the order of its keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(parseJson(canonicalJson(value)), parseJson(JSON.stringify(value)));
      assert.equal(canonicalJson(reversed(value)), canonicalJson(value));
    }),
  );
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, each]) => [name, reversed(each)]),
  );
}
