import { createHash, randomFillSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { request } from 'undici';
import { parseDigest } from '../../oci/digest.ts';
import type { Referrer } from '../../oci/referrer.ts';
import { referrerName, referrersFolder, tagFolder } from '../../oci/store/layout.ts';
import { encodePublication, publicationName } from '../../oci/store/publication.ts';
import { initialiseStore, openStore } from '../../oci/store/store.ts';
import { openTree } from '../../oci/store/tree.ts';

/** What all servers serve: `bench/app:v1` with three layers, and `bench/many` with 10,000 tags. */
export interface Content {
  readonly manifest: Buffer;
  readonly digest: string;
  /** By name: `1 KiB`, `1 MiB`, `256 MiB`. */
  readonly blobs: ReadonlyMap<string, Buffer>;
  readonly config: Buffer;
  /** What refers to the manifest. */
  readonly referrers: readonly Referrer[];
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
export const tagCount = 10_000;
export const referrerCount = 1000;
const sizes = { '1 KiB': 1024, '1 MiB': 1_048_576, '256 MiB': 268_435_456 } as const;

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function makeContent(): Content {
  const blobs = new Map(
    Object.entries(sizes).map(([name, size]) => [name, randomFillSync(Buffer.alloc(size))]),
  );
  const config = Buffer.from(
    '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}',
  );
  const describe = (mediaType: string, bytes: Buffer): object => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: describe('application/vnd.oci.image.config.v1+json', config),
      layers: [...blobs.values()].map((bytes) => describe('application/vnd.oci.image.layer.v1.tar', bytes)),
    }),
  );
  const referrers = Array.from({ length: referrerCount }, (_, index) => ({
    mediaType: manifestType,
    digest: parseDigest(digestOf(Buffer.from(String(index)))) ?? never(),
    size: 700,
    artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json',
    annotations: { 'org.opencontainers.image.created': '2026-01-02T03:04:05Z' },
  }));
  return { manifest, digest: digestOf(manifest), blobs, config, referrers };
}

/** A store of ours with the content. */
export async function fillStore(root: string, content: Content): Promise<void> {
  const { manifest, blobs, config, referrers } = content;
  await initialiseStore(root);
  const store = await openStore(root);
  await store.createNamespace('bench', 'bench');
  const tree = await openTree(store.treePath('bench'), 'bench');
  for (const bytes of [config, ...blobs.values()]) await tree.putBlob(bytes);
  const publication = {
    digest: parseDigest(digestOf(manifest)) ?? never(),
    mediaType: manifestType,
    manifestSize: manifest.length,
    size: 0,
    created: '2026-01-02T03:04:05Z',
    ordinal: 1,
    uid: 'bench',
    inputHash: 'a'.repeat(64),
  };
  await tree.putManifest('app', manifest);
  await tree.publish('app', 'v1', publication);
  const folder = referrersFolder(tree.path, 'app', publication.digest);
  for (const referrer of referrers)
    await put(join(folder, referrerName(referrer.digest)), JSON.stringify(referrer));
  await tree.putManifest('many', manifest);
  for (const tag of tags())
    await put(
      join(tagFolder(tree.path, 'many', tag), publicationName(publication)),
      encodePublication(publication),
    );
}

/** The folder of docker-registry and distribution, filled through a registry of theirs that runs on it. */
export async function fillPeer(
  url: string,
  root: string,
  { manifest, digest, blobs, config, referrers }: Content,
): Promise<void> {
  for (const bytes of [config, ...blobs.values()]) {
    const begun = await request(`${url}/v2/bench/app/blobs/uploads/`, { method: 'POST' });
    const location = new URL(String(begun.headers['location']), url);
    location.searchParams.set('digest', digestOf(bytes));
    const { statusCode } = await request(location, { method: 'PUT', body: bytes });
    if (statusCode !== 201) throw new Error(`${url} took no blob: ${statusCode}`);
  }
  const { statusCode, body } = await request(`${url}/v2/bench/app/manifests/v1`, {
    method: 'PUT',
    headers: { 'content-type': manifestType },
    body: manifest,
  });
  if (statusCode !== 201) throw new Error(`${url} took no manifest: ${await body.text()}`);
  const registry = join(root, 'docker/registry/v2');
  for (const tag of tags())
    await put(
      join(registry, 'repositories/bench/many/_manifests/tags', tag, 'current/link'),
      digestOf(manifest),
    );
  await putIndex(registry, digest, referrers);
}

/** Registries without a list of referrers keep it as an index under a tag that is made of the subject's digest. */
export function fallbackTag(digest: string): string {
  return digest.replace(':', '-');
}

async function putIndex(registry: string, subject: string, manifests: readonly Referrer[]): Promise<void> {
  const index = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests,
    }),
  );
  const digest = digestOf(index);
  const hex = digest.slice('sha256:'.length);
  const app = join(registry, 'repositories/bench/app/_manifests');
  await put(join(registry, 'blobs/sha256', hex.slice(0, 2), hex, 'data'), index);
  await put(join(app, 'revisions/sha256', hex, 'link'), digest);
  await put(join(app, 'tags', fallbackTag(subject), 'current/link'), digest);
}

/** The same as plain files, for nginx. */
export async function fillFolder(root: string, { manifest, blobs, config, digest }: Content): Promise<void> {
  for (const bytes of [config, ...blobs.values()])
    await put(join(root, 'v2/bench/app/blobs', digestOf(bytes)), bytes);
  for (const name of ['v1', digest]) await put(join(root, 'v2/bench/app/manifests', name), manifest);
}

function tags(): readonly string[] {
  return Array.from({ length: tagCount }, (_, index) => `v${index}`);
}

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

function never(): never {
  throw new Error('a digest that was just made cannot be read');
}
