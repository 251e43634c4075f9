import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { digestOf } from '../../oci/digest.ts';
import { mediaTypes } from '../../oci/mediaTypes.ts';
import {
  encodePublication,
  isPublicationName,
  parsePublication,
  publicationLimit,
  publicationName,
} from '../../oci/store/publication.ts';

const hex = fc.constantFrom(...'0123456789abcdef'.split(''));
const publication = fc.record(
  {
    digest: fc.uint8Array({ maxLength: 4 }).map((bytes) => digestOf(bytes)),
    mediaType: fc.constantFrom(mediaTypes.manifest, mediaTypes.dockerManifest),
    manifestSize: fc.nat(),
    size: fc.maxSafeNat(),
    created: fc
      .date({
        min: new Date('0000-01-01T00:00:00Z'),
        max: new Date('9999-12-31T23:59:59Z'),
        noInvalidDate: true,
      })
      .map((date) => date.toISOString()),
    ordinal: fc.integer({ min: 1, max: 9_999_999_999 }),
    uid: fc.uuid(),
    inputHash: fc.string({ unit: hex, minLength: 8, maxLength: 64 }),
  },
  { noNullPrototype: true },
);

describe('a publication', () => {
  test('is read back as it was written, under its own name only', () => {
    fc.assert(
      fc.property(publication, publication, (one, other) => {
        const bytes = encodePublication(one);
        assert.ok(bytes.length <= publicationLimit);
        const name = publicationName(one);
        assert.ok(isPublicationName(name));
        assert.deepEqual(parsePublication(name, bytes), one);
        const otherName = publicationName(other);
        if (otherName !== name) assert.equal(parsePublication(otherName, bytes), undefined);
      }),
    );
  });

  test('the newer NixImage has the greater name, of one NixImage the later build', () => {
    fc.assert(
      fc.property(publication, publication, (one, other) => {
        const [a, b] = [publicationName(one), publicationName(other)];
        const [second, otherSecond] = [one, other].map(({ created }) => created.slice(0, 19));
        if (second !== otherSecond) assert.equal(a > b, String(second) > String(otherSecond));
        else if (one.ordinal !== other.ordinal) assert.equal(a > b, one.ordinal > other.ordinal);
      }),
    );
  });

  test('reading never throws, whatever a tenant wrote', () => {
    fc.assert(
      fc.property(fc.string(), fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), (name, bytes) => {
        assert.equal(parsePublication(name, bytes), undefined);
      }),
    );
  });

  const base = {
    digest: digestOf(Buffer.from('')),
    mediaType: mediaTypes.manifest,
    manifestSize: 1,
    size: 1,
    created: '2026-01-02T03:04:05Z',
    ordinal: 1,
    uid: 'u',
    inputHash: 'a'.repeat(64),
  };

  const names: readonly { readonly reason: string; readonly created: string; readonly begins?: string }[] = [
    { reason: 'a time as Kubernetes writes it', created: '2026-01-02T03:04:05Z', begins: '20260102030405-' },
    {
      reason: 'another offset is the same time',
      created: '2026-01-02T04:04:05+01:00',
      begins: '20260102030405-',
    },
    {
      reason: 'parts of a second do not count',
      created: '2026-01-02T03:04:05.987Z',
      begins: '20260102030405-',
    },
    { reason: 'a year of five digits would come before 2026', created: '+010000-01-01T00:00:00Z' },
    { reason: 'an offset that leads there', created: '9999-12-31T23:59:59-01:00' },
    { reason: 'an offset that leads before the year 0', created: '0000-01-01T00:00:00+01:00' },
    { reason: 'no zone: it would be another time on each machine', created: '2026-01-02T03:04:05' },
    { reason: 'a day alone', created: '2026-01-02' },
    { reason: 'no such day', created: '2026-13-02T03:04:05Z' },
    { reason: 'nothing', created: '' },
  ];
  for (const { reason, created, begins } of names)
    test(`its time: ${reason}`, () => {
      const bytes = encodePublication({ ...base, created });
      if (begins === undefined) {
        assert.throws(() => publicationName({ ...base, created }), RangeError);
        assert.equal(parsePublication(publicationName(base), bytes), undefined);
      } else {
        const name = publicationName({ ...base, created });
        assert.ok(name.startsWith(begins), name);
        assert.equal(parsePublication(name, bytes)?.created, created);
      }
    });

  const parts = [
    { reason: 'an ordinal of eleven digits', ordinal: 10_000_000_000 },
    { reason: 'an ordinal that is negative', ordinal: -1 },
    { reason: 'a part of an ordinal', ordinal: 1.5 },
    { reason: 'a uid that leads elsewhere', uid: '../x' },
    { reason: 'no uid', uid: '' },
    { reason: 'an input hash with a line break', inputHash: `${'a'.repeat(63)}\n` },
  ];
  for (const { reason, ...part } of parts)
    test(`has no name with ${reason}`, () =>
      assert.throws(() => publicationName({ ...base, ...part }), RangeError));
});
