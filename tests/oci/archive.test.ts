import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describe, type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { extract } from 'tar-stream';
import { ArchiveError, imageArchive } from '../../oci/archive/archive.ts';
import { digestOf } from '../../oci/digest.ts';
import type { NamespaceReader } from '../../oci/store/reader.ts';
import { openStore } from '../../oci/store/store.ts';
import {
  blobPath,
  makeImage,
  publish,
  type WrittenImage,
  writeMarker,
  writeNamespace,
} from '../registry/support/volume.ts';
import { temporaryFolder } from '../support/tmp.ts';

interface Bench {
  readonly root: string;
  readonly image: WrittenImage;
  archive(): AsyncGenerator<Buffer, void, undefined>;
}

/** A store with one image, app:v1, whose layer takes several reads. */
async function bench(t: TestContext): Promise<Bench> {
  const root = join(await temporaryFolder(t), 'store');
  await writeMarker(root);
  await writeNamespace(root, 'default');
  const image = await makeImage(randomBytes(3_500_000));
  await publish(root, image);
  const reader: NamespaceReader | undefined = await (await openStore(root)).namespace('default');
  assert.ok(reader);
  const digest = digestOf(image.manifest);
  return { root, image, archive: () => imageArchive(reader, { image: 'app', digest, reference: 'app:v1' }) };
}

test('it holds a layout with the image, and what docker load asks for', async (t) => {
  const { image, archive } = await bench(t);
  const files = new Map<string, Buffer>();
  const entries = extract();
  const reading = (async () => {
    for await (const entry of entries) files.set(entry.header.name, await buffer(entry));
  })();
  await pipeline(archive(), entries);
  await reading;
  const blob = (bytes: Buffer) => `blobs/sha256/${digestOf(bytes).slice('sha256:'.length)}`;
  assert.deepEqual(JSON.parse(String(files.get('oci-layout'))), { imageLayoutVersion: '1.0.0' });
  assert.deepEqual(JSON.parse(String(files.get('index.json'))), {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: digestOf(image.manifest),
        size: image.manifest.length,
        annotations: { 'org.opencontainers.image.ref.name': 'app:v1' },
      },
    ],
  });
  assert.deepEqual(JSON.parse(String(files.get('manifest.json'))), [
    { Config: blob(image.config), RepoTags: ['app:v1'], Layers: [blob(image.layer)] },
  ]);
  for (const bytes of [image.manifest, image.config, image.layer])
    assert.ok(files.get(blob(bytes))?.equals(bytes), blob(bytes));
});

test('no piece is larger than 1 MiB, and the same image gives the same bytes', async (t) => {
  const { archive } = await bench(t);
  const sizes: number[] = [];
  for await (const piece of archive()) sizes.push(piece.length);
  assert.ok(Math.max(...sizes) <= 1024 * 1024);
  assert.equal(sizes.reduce((sum, size) => sum + size, 0) % 10_240, 0, 'whole records, as tar writes them');
  const [one, other] = await Promise.all([archive(), archive()].map((each) => buffer(Readable.from(each))));
  assert.ok(one && other?.equals(one));
});

describe('clients take it', () => {
  for (const transport of ['oci-archive', 'docker-archive'])
    test(`skopeo copy ${transport}:`, async (t) => {
      const { root, image, archive } = await bench(t);
      const [file, layout] = [join(root, '..', 'app.tar'), join(root, '..', 'layout')];
      await pipeline(archive(), createWriteStream(file));
      const source = transport === 'oci-archive' ? `${file}:app:v1` : `${file}:docker.io/library/app:v1`;
      await execa('skopeo', ['copy', `${transport}:${source}`, `oci:${layout}:v1`]);
      const { stdout } = await execa('skopeo', ['inspect', '--config', '--raw', `oci:${layout}:v1`]);
      const config = JSON.parse(stdout);
      assert.deepEqual(config.config.Cmd, ['/hello']);
      assert.deepEqual(config.rootfs, JSON.parse(String(image.config)).rootfs);
    });

  test('the digest is that of the registry, as nothing is converted', async (t) => {
    const { root, image, archive } = await bench(t);
    const file = join(root, '..', 'app.tar');
    await pipeline(archive(), createWriteStream(file));
    const { stdout } = await execa('skopeo', ['inspect', '--raw', `oci-archive:${file}`]);
    assert.equal(stdout, String(image.manifest));
  });
});

describe('an image that is not whole gives an error, not a short archive', () => {
  const rows: readonly {
    readonly reason: string;
    readonly code: ArchiveError['code'];
    harm(path: string): Promise<void>;
  }[] = [
    { reason: 'a layer is gone', code: 'BLOB_DAMAGED', harm: (path) => unlink(path) },
    { reason: 'a layer was cut', code: 'BLOB_DAMAGED', harm: (path) => truncate(path, 1000) },
    {
      reason: 'a byte of a layer is another one',
      code: 'BLOB_DAMAGED',
      async harm(path) {
        const bytes = await readFile(path);
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        await writeFile(path, bytes);
      },
    },
  ];
  for (const { reason, code, harm } of rows)
    test(reason, async (t) => {
      const { root, image, archive } = await bench(t);
      await harm(blobPath(root, 'default', image.layer));
      await assert.rejects(
        buffer(Readable.from(archive())),
        (error) => error instanceof ArchiveError && error.code === code,
      );
    });

  test('there is no such manifest', async (t) => {
    const { root } = await bench(t);
    const reader = await (await openStore(root)).namespace('default');
    assert.ok(reader);
    const digest = digestOf(Buffer.from('another'));
    await assert.rejects(
      imageArchive(reader, { image: 'app', digest, reference: 'app:v1' }).next(),
      (error) => error instanceof ArchiveError && error.code === 'IMAGE_MISSING',
    );
  });
});
