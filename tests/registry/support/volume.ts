import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { digestOf, manifestType } from './memoryImages.ts';

export interface WrittenImage {
  readonly manifest: Buffer;
  readonly config: Buffer;
  readonly layer: Buffer;
}

/**
 * Writes a volume by hand, file by file as `docs/architecture.md` has it: what another version of ours, or a hostile
 * tenant, may have written.
 */
export async function writeMarker(root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  await writeFile(join(root, '_marker.json'), JSON.stringify({ v: 1, id: randomUUID() }));
}

export async function writeNamespace(root: string, namespace: string, uid = 'ns-uid'): Promise<void> {
  const tree = join(root, namespace);
  for (const folder of ['blobs/sha256', 'images', 'layers', 'progress', 'leases', 'tmp', 'trash'])
    await mkdir(join(tree, folder), { recursive: true });
  await writeFile(join(tree, '_namespace.json'), JSON.stringify({ v: 1, uid }));
}

/** An image of one layer with the file `/hello.txt`, for this machine. */
export async function makeImage(content: string | Buffer): Promise<WrittenImage> {
  const tar = pack();
  tar.entry({ name: 'hello.txt', mtime: new Date(0) }, content);
  tar.finalize();
  const plain = await buffer(tar);
  const layer = gzipSync(plain);
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: { Cmd: ['/hello'] },
      rootfs: { type: 'layers', diff_ids: [digestOf(plain)] },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: describeBlob('application/vnd.oci.image.config.v1+json', config),
      layers: [describeBlob('application/vnd.oci.image.layer.v1.tar+gzip', layer)],
    }),
  );
  return { manifest, config, layer };
}

function describeBlob(mediaType: string, bytes: Buffer): object {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

export function blobPath(root: string, namespace: string, bytes: Buffer): string {
  return join(root, namespace, 'blobs/sha256', digestOf(bytes).slice('sha256:'.length));
}

export interface Publishing {
  readonly namespace?: string;
  readonly name?: string;
  readonly tag?: string;
  readonly ordinal?: number;
  readonly uid?: string;
}

/** Blobs, then the manifest, then the tag, as a builder writes them. */
export async function publish(
  root: string,
  image: WrittenImage,
  { namespace = 'default', name = 'app', tag = 'v1', ordinal = 1, uid = 'image-uid' }: Publishing = {},
): Promise<void> {
  const digest = digestOf(image.manifest);
  const folder = join(root, namespace, 'images', name);
  for (const bytes of [image.config, image.layer]) await writeFile(blobPath(root, namespace, bytes), bytes);
  await mkdir(join(folder, 'manifests/sha256'), { recursive: true });
  await writeFile(join(folder, 'manifests/sha256', digest.slice('sha256:'.length)), image.manifest);
  await mkdir(join(folder, 'tags', tag), { recursive: true });
  const inputHash = 'a'.repeat(64);
  const publication = {
    v: 1,
    digest,
    mediaType: manifestType,
    manifestSize: image.manifest.length,
    size: image.config.length + image.layer.length,
    created: '2026-01-02T03:04:05Z',
    ordinal,
    uid,
    inputHash,
  };
  const file = `20260102030405-${String(ordinal).padStart(10, '0')}-${uid}-${inputHash}`;
  await writeFile(join(folder, 'tags', tag, file), JSON.stringify(publication));
}
