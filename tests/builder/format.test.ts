import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FormatError, type ImageFormat, parseFormat } from '../../builder/format.ts';
import { assertBuilt, imageBench, publication, storedImage } from './support/image.ts';

const oci = 'application/vnd.oci.image';
const docker = 'application/vnd.docker';
const ociTypes = [`${oci}.manifest.v1+json`, `${oci}.config.v1+json`] as const;
const dockerTypes = [`${docker}.distribution.manifest.v2+json`, `${docker}.container.image.v1+json`] as const;

const formats: readonly {
  readonly compression?: string;
  readonly mediaTypes?: string;
  readonly want: ImageFormat['compression'];
  /** Of the manifest, the configuration and each layer. */
  readonly types: readonly [string, string, string];
}[] = [
  { want: { kind: 'zstd', level: 3 }, types: [...ociTypes, `${oci}.layer.v1.tar+zstd`] },
  {
    compression: 'zstd:19',
    want: { kind: 'zstd', level: 19 },
    types: [...ociTypes, `${oci}.layer.v1.tar+zstd`],
  },
  { compression: 'gzip', want: { kind: 'gzip', level: 6 }, types: [...ociTypes, `${oci}.layer.v1.tar+gzip`] },
  {
    compression: 'gzip:1',
    mediaTypes: 'oci',
    want: { kind: 'gzip', level: 1 },
    types: [...ociTypes, `${oci}.layer.v1.tar+gzip`],
  },
  { compression: 'none', want: { kind: 'none' }, types: [...ociTypes, `${oci}.layer.v1.tar`] },
  {
    mediaTypes: 'docker',
    want: { kind: 'gzip', level: 6 },
    types: [...dockerTypes, `${docker}.image.rootfs.diff.tar.gzip`],
  },
  {
    compression: 'none',
    mediaTypes: 'docker',
    want: { kind: 'none' },
    types: [...dockerTypes, `${docker}.image.rootfs.diff.tar`],
  },
];

describe('a format', () => {
  for (const { compression, mediaTypes, want } of formats)
    test(JSON.stringify({ compression, mediaTypes }), () =>
      assert.deepEqual(parseFormat({ compression, mediaTypes }).compression, want),
    );

  const wrong: readonly { readonly words: Parameters<typeof parseFormat>[0]; readonly message: RegExp }[] = [
    { words: { compression: 'xz' }, message: /compression must be .*not "xz"/ },
    { words: { compression: 'zstd:20' }, message: /zstd:1 to zstd:19.*not "zstd:20"/ },
    { words: { compression: 'gzip:0' }, message: /gzip:1 to gzip:9.*not "gzip:0"/ },
    { words: { compression: 'none:1' }, message: /not "none:1"/ },
    { words: { compression: '' }, message: /not ""/ },
    { words: { mediaTypes: 'OCI' }, message: /oci or docker, not "OCI"/ },
    { words: { mediaTypes: 'docker', compression: 'zstd' }, message: /none for zstd: choose gzip/ },
  ];
  for (const { words, message } of wrong)
    test(`${JSON.stringify(words)} is refused`, () =>
      assert.throws(
        () => parseFormat(words),
        (error) => error instanceof FormatError && message.test(error.message),
      ));
});

test('an image in every format: other blobs, the same layers when unpacked, each format reused by itself', async (t) => {
  const bench = await imageBench(t);
  const seen: (readonly string[])[] = [];
  for (const [index, { types, compression, mediaTypes }] of formats.entries()) {
    const name = `image-${index}`;
    const format = parseFormat({ compression, mediaTypes });
    const first = await bench.build('curl bash', { name, format });
    assertBuilt(first);
    const { manifest, config } = await storedImage(bench.store, first, name);
    const [manifestType, configType, layerType] = types;
    assert.equal(first.mediaType, manifestType);
    assert.deepEqual(
      [manifest.mediaType, manifest.config.mediaType, ...manifest.layers.map(({ mediaType }) => mediaType)],
      [manifestType, configType, layerType, layerType, layerType],
    );
    seen.push(config.rootfs.diff_ids);
    const again = await bench.build('curl bash', {
      name,
      format,
      publication: { ...publication, ordinal: 2 },
    });
    assertBuilt(again);
    assert.deepEqual([again.digest, again.reusedLayers], [first.digest, 3]);
  }
  assert.ok(seen.every((each) => each.join() === seen[0]?.join()));
});
