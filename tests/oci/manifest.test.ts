import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { digestOf } from '../../oci/digest.ts';
import { manifestLimit, parseManifest } from '../../oci/manifest.ts';
import { mediaTypes } from '../../oci/mediaTypes.ts';

const blob = { mediaType: mediaTypes.layer, digest: digestOf(Buffer.from('a')), size: 1 };
const image = { schemaVersion: 2, mediaType: mediaTypes.manifest, config: blob, layers: [blob] };
const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [blob] };

function bytesOf(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

const descriptor = fc.record(
  {
    mediaType: fc.string(),
    digest: fc.uint8Array({ maxLength: 4 }).map((bytes) => digestOf(bytes)),
    size: fc.maxSafeNat(),
  },
  { noNullPrototype: true },
);

describe('parseManifest', () => {
  test('gives back what an image names, whatever else its manifest says', () => {
    fc.assert(
      fc.property(
        descriptor,
        fc.array(descriptor),
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(mediaTypes.manifest, mediaTypes.dockerManifest, undefined),
        (config, layers, others, mediaType) => {
          const { manifests: _, ...rest } = others;
          const value = { ...rest, schemaVersion: 2, mediaType, config, layers };
          assert.deepEqual(parseManifest(bytesOf(value)), {
            mediaType: mediaType ?? mediaTypes.manifest,
            blobs: [config, ...layers],
            manifests: [],
          });
        },
      ),
    );
  });

  test('never throws, and gives no manifest that is not of JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), (bytes) => {
        const parsed = parseManifest(bytes);
        if (parsed !== undefined) JSON.parse(Buffer.from(bytes).toString('utf8'));
      }),
    );
  });

  test('any one field of the wrong kind makes it none', () => {
    const wrong = fc.constantFrom<unknown>(null, 1.5, -1, '', 'sha256:', [null], [{}], {}, true, 2 ** 53);
    const breaks = fc.constantFrom(
      (value: unknown) => ({ ...image, config: value }),
      (value: unknown) => ({ ...image, layers: value }),
      (value: unknown) => ({ ...index, manifests: value }),
      (value: unknown) => ({ ...image, config: { ...blob, digest: value } }),
      (value: unknown) => ({ ...image, layers: [blob, { ...blob, size: value }] }),
      (value: unknown) => ({ ...index, manifests: [value, blob] }),
    );
    fc.assert(
      fc.property(breaks, wrong, (broken, value) => {
        assert.equal(parseManifest(bytesOf(broken(value))), undefined);
      }),
      { numRuns: 300 },
    );
  });

  const rows: readonly { readonly reason: string; readonly bytes: Buffer; readonly parses: boolean }[] = [
    { reason: 'an image', bytes: bytesOf(image), parses: true },
    { reason: 'an index', bytes: bytesOf(index), parses: true },
    { reason: 'white space around it', bytes: Buffer.from(` ${JSON.stringify(image)}\n`), parses: true },
    { reason: 'a byte order mark', bytes: Buffer.from(`\u{feff}${JSON.stringify(image)}`), parses: false },
    {
      reason: 'text that is not UTF-8',
      bytes: Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff), bytesOf(image).fill('"', 0, 1)]),
      parses: false,
    },
    { reason: 'UTF-16', bytes: Buffer.from(JSON.stringify(image), 'utf16le'), parses: false },
    { reason: 'image and index at once', bytes: bytesOf({ ...image, ...index }), parses: false },
    { reason: 'neither', bytes: bytesOf({ schemaVersion: 2, config: blob }), parses: false },
    {
      reason: 'an index that says it is an image',
      bytes: bytesOf({ ...index, mediaType: image.mediaType }),
      parses: false,
    },
    { reason: 'schema version 1', bytes: bytesOf({ ...image, schemaVersion: 1 }), parses: false },
    { reason: 'nothing', bytes: Buffer.alloc(0), parses: false },
    {
      reason: 'as long as allowed',
      bytes: Buffer.from(JSON.stringify(image).padEnd(manifestLimit)),
      parses: true,
    },
    {
      reason: 'a byte longer',
      bytes: Buffer.from(JSON.stringify(image).padEnd(manifestLimit + 1)),
      parses: false,
    },
    { reason: 'a million brackets', bytes: Buffer.alloc(1_000_000, '['), parses: false },
  ];
  for (const { reason, bytes, parses } of rows)
    test(reason, () => assert.equal(parseManifest(bytes) !== undefined, parses));
});
