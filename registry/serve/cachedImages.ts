import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Repository } from '../path.ts';
import { type ByteCache, createByteCache } from './byteCache.ts';
import type { Images, OpenedBlob, StoredManifest } from './images.ts';

/** A blob up to this size is kept in memory; above, a file is as fast. */
const largestKept = 1_048_576;
/** How long a kept content is served before the store is asked whether it is still there. */
const freshMilliseconds = 1000;

interface Entry<Value> {
  readonly value: Value;
  freshUntil: number;
}

/**
 * `images` with manifests and small blobs kept in memory, up to `limit` bytes in all. What a digest names never
 * changes, so that only its removal is seen late, by a second. Tags are never kept.
 */
export function createCachedImages(images: Images, limit: number, now: () => number = Date.now): Images {
  const manifests = createByteCache<Entry<StoredManifest>>(limit / 2);
  const blobs = createByteCache<Entry<Buffer>>(limit / 2);

  return {
    ...images,
    async manifest(repository, digest) {
      const key = `${repository.namespace}/${repository.name}@${digest}`;
      const kept = fresh(manifests, key, now());
      if (kept !== undefined) return kept;
      const manifest = await images.manifest(repository, digest);
      if (manifest === undefined) manifests.delete(key);
      else keep(manifests, key, manifest, manifest.bytes.length, now());
      return manifest;
    },
    async blob(repository, digest) {
      const key = `${repository.namespace}@${digest}`;
      const kept = fresh(blobs, key, now());
      if (kept !== undefined) return inMemory(kept);
      return await openBlob(key, repository, digest);
    },
    forget(repository, digest) {
      images.forget(repository, digest);
      if (digest === undefined) return;
      manifests.delete(`${repository.namespace}/${repository.name}@${digest}`);
      blobs.delete(`${repository.namespace}@${digest}`);
    },
    recall(path) {
      const { namespace, name } = path.repository;
      if (path.kind === 'Blob') {
        const bytes = trusted(blobs, `${namespace}@${path.digest}`, now());
        return bytes && { digest: path.digest, mediaType: 'application/octet-stream', bytes };
      }
      const digest =
        path.kind === 'ManifestByDigest' ? path.digest : images.recallTag(path.repository, path.tag);
      return digest === undefined ? undefined : trusted(manifests, `${namespace}/${name}@${digest}`, now());
    },
  };

  async function openBlob(
    key: string,
    repository: Repository,
    digest: string,
  ): Promise<OpenedBlob | undefined> {
    const blob = await images.blob(repository, digest);
    const before = blobs.get(key)?.value;
    if (blob === undefined) blobs.delete(key);
    if (blob === undefined || blob.source.kind === 'Memory' || blob.size > largestKept) return blob;
    const { file } = blob.source;
    try {
      const bytes = before?.length === blob.size ? before : await readVerified(file, blob.size, digest);
      if (bytes === undefined) return undefined;
      keep(blobs, key, bytes, bytes.length, now());
      return inMemory(bytes);
    } finally {
      await file.close();
    }
  }
}

/** A stale entry is given to one caller as absent, who asks the store; the others go on with it for a moment. */
function fresh<Value>(cache: ByteCache<Entry<Value>>, key: string, now: number): Value | undefined {
  const entry = cache.get(key);
  if (entry === undefined) return undefined;
  if (entry.freshUntil > now) return entry.value;
  entry.freshUntil = now + freshMilliseconds;
  return undefined;
}

function trusted<Value>(cache: ByteCache<Entry<Value>>, key: string, now: number): Value | undefined {
  const entry = cache.get(key);
  return entry !== undefined && entry.freshUntil > now ? entry.value : undefined;
}

function keep<Value>(
  cache: ByteCache<Entry<Value>>,
  key: string,
  value: Value,
  bytes: number,
  now: number,
): void {
  cache.set(key, { value, freshUntil: now + freshMilliseconds }, bytes);
}

function inMemory(bytes: Buffer): OpenedBlob {
  return { size: bytes.length, source: { kind: 'Memory', bytes } };
}

/** The file's bytes where they are what the digest says; a tenant can have written anything. */
async function readVerified(file: FileHandle, size: number, digest: string): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) return undefined;
    filled += bytesRead;
  }
  const [algorithm = '', hex] = digest.split(':');
  return createHash(algorithm).update(bytes).digest('hex') === hex ? bytes : undefined;
}
