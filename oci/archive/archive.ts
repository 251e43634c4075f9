import { createHash } from 'node:crypto';
import { CodedError } from '../../runtime/errors.ts';
import { type Digest, digestOfHex, hexOf } from '../digest.ts';
import type { Descriptor } from '../manifest.ts';
import { mediaTypes } from '../mediaTypes.ts';
import type { NamespaceReader, StoredManifest } from '../store/reader.ts';
import type { RegularFile } from '../store/safeFiles.ts';
import { blockSize, padding, recordSize, type TarEntry, type TarStyle, tarHeader } from '../tar/header.ts';

/** `IMAGE_MISSING`: the store has no such manifest. `BLOB_DAMAGED`: a blob is not there, or not what its name promises. */
export class ArchiveError extends CodedError<'IMAGE_MISSING' | 'BLOB_DAMAGED'> {}

export interface ArchivedImage {
  /** The image's name in the store. */
  readonly image: string;
  readonly digest: Digest;
  /** What the image is called in the archive: `name:tag`. */
  readonly reference: string;
}

/** Bytes read at a time. */
const chunkSize = 1024 * 1024;

const style: TarStyle = { mtime: 0, uid: 0, gid: 0, uname: 'root', gname: 'root' };

/**
 * One image of the store as a tar of an OCI image layout, piece by piece, so that memory stays flat:
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md. It also holds the `manifest.json` of
 * `docker save`, which `docker load` asks for.
 * @throws {ArchiveError} where the image is not whole; what was written so far is no archive then.
 */
export async function* imageArchive(
  reader: NamespaceReader,
  { image, digest, reference }: ArchivedImage,
): AsyncGenerator<Buffer, void, undefined> {
  const manifest = await reader.readManifest(image, digest);
  if (manifest === undefined || manifest.blobs.length === 0)
    throw new ArchiveError('IMAGE_MISSING', `the store has no image ${image} with the digest ${digest}.`);
  let written = 0;
  for await (const piece of pieces(reader, manifest, reference)) {
    written += piece.length;
    yield piece;
  }
  // Two empty blocks end the archive.
  const end = 2 * blockSize;
  yield Buffer.alloc(end + padding(written + end, recordSize));
}

async function* pieces(
  reader: NamespaceReader,
  manifest: StoredManifest,
  reference: string,
): AsyncGenerator<Buffer, void, undefined> {
  yield* file('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  yield* file('index.json', indexOf(manifest, reference));
  yield* file('manifest.json', dockerManifest(manifest, reference));
  yield header('blobs', 'directory', 0);
  yield header('blobs/sha256', 'directory', 0);
  yield* file(pathOf(manifest.digest), manifest.bytes);
  const blobs = new Map(manifest.blobs.map((blob) => [blob.digest, blob]));
  for (const blob of blobs.values()) yield* blobEntry(reader, blob);
}

function indexOf({ mediaType, digest, bytes }: StoredManifest, reference: string): Buffer {
  const annotations = { 'org.opencontainers.image.ref.name': reference };
  return json({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [{ mediaType, digest, size: bytes.length, annotations }],
  });
}

function dockerManifest({ blobs: [config, ...layers] }: StoredManifest, reference: string): Buffer {
  const Layers = layers.map(({ digest }) => pathOf(digest));
  return json([{ Config: config === undefined ? '' : pathOf(config.digest), RepoTags: [reference], Layers }]);
}

async function* blobEntry(
  reader: NamespaceReader,
  blob: Descriptor,
): AsyncGenerator<Buffer, void, undefined> {
  const opened = await reader.openBlob(blob.digest);
  if (opened === undefined) throw damaged(blob, 'it is not there');
  try {
    if (opened.size !== blob.size) throw damaged(blob, `it has ${opened.size} bytes, not ${blob.size}`);
    yield header(pathOf(blob.digest), 'file', blob.size);
    yield* content(opened, blob);
    yield Buffer.alloc(padding(blob.size, blockSize));
  } finally {
    await opened.file.close();
  }
}

async function* content(
  { file: handle }: RegularFile,
  blob: Descriptor,
): AsyncGenerator<Buffer, void, undefined> {
  const hash = createHash('sha256');
  let done = 0;
  while (done < blob.size) {
    // Each piece has its own memory: whoever got the one before may still hold it.
    const chunk = Buffer.allocUnsafe(Math.min(chunkSize, blob.size - done));
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, done);
    if (bytesRead === 0) throw damaged(blob, 'it became shorter while it was read');
    const piece = chunk.subarray(0, bytesRead);
    hash.update(piece);
    done += bytesRead;
    yield piece;
  }
  if (digestOfHex(hash.digest('hex')) !== blob.digest) throw damaged(blob, 'its bytes have another digest');
}

function damaged({ digest }: Descriptor, why: string): ArchiveError {
  return new ArchiveError('BLOB_DAMAGED', `the blob ${digest} of the store is damaged: ${why}.`);
}

function* file(name: string, bytes: Buffer): Generator<Buffer, void, undefined> {
  yield header(name, 'file', bytes.length);
  yield bytes;
  yield Buffer.alloc(padding(bytes.length, blockSize));
}

function header(name: string, type: 'file' | 'directory', size: number): Buffer {
  const entry: TarEntry = {
    name: Buffer.from(name),
    type,
    mode: type === 'directory' ? 0o755 : 0o644,
    size,
    target: Buffer.alloc(0),
  };
  return tarHeader(entry, style);
}

function pathOf(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
