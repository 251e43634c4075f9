import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type BuildRequest, buildImage } from '../../../builder/build.ts';
import type { BuildReport, BuildSucceeded } from '../../../runtime/contract/report.ts';
import { expressionOf, type NixBench, nixBench } from './nix.ts';

/** A namespace's tree beside a package set, and builds into it. */
export interface ImageBench extends NixBench {
  readonly store: string;
  readonly log: string[];
  /** Builds `contents`; `changes` are laid over the request. */
  build(contents: string, changes?: Partial<BuildRequest>): Promise<BuildReport>;
}

export const publication = {
  uid: 'c2b4ce4e-2f3f-4a4e-9c43-0f3a6d9f1a11',
  created: '2026-01-02T03:04:05Z',
  ordinal: 1,
  inputHash: 'a'.repeat(64),
} as const;

export async function imageBench(t: TestContext): Promise<ImageBench> {
  const bench = await nixBench(t);
  const store = join(bench.folder, 'team-a');
  await makeTree(store);
  const log: string[] = [];
  const build: ImageBench['build'] = (contents, changes = {}) =>
    buildImage({
      expressionText: expressionOf(contents),
      namespace: 'team-a',
      name: 'curl-and-jq',
      tag: 'v1',
      publication,
      pod: 'curl-and-jq-0123456789-1',
      packageSet: 'nixpkgs',
      store,
      environment: bench.environment,
      minimumFree: 0,
      sandbox: false,
      onLog: (line) => {
        log.push(line);
      },
      signal: t.signal,
      ...changes,
    });
  return { ...bench, store, log, build };
}

/** What the keeper makes for a namespace. */
export async function makeTree(store: string): Promise<void> {
  await mkdir(store, { recursive: true });
  for (const folder of ['blobs/sha256', 'images', 'layers', 'progress', 'leases', 'tmp', 'trash'])
    await mkdir(join(store, folder), { recursive: true });
  await writeFile(join(store, '_namespace.json'), JSON.stringify({ v: 1, uid: 'b1a6c0f4-namespace' }));
}

export function assertBuilt(report: BuildReport): asserts report is BuildSucceeded {
  assert.equal(report.result, 'Built', JSON.stringify(report));
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface StoredImage {
  readonly manifest: {
    readonly mediaType: string;
    readonly config: Descriptor;
    readonly layers: readonly Descriptor[];
  };
  readonly config: {
    readonly config: { readonly [name: string]: unknown };
    readonly rootfs: { readonly diff_ids: readonly string[] };
    readonly history?: readonly { readonly comment?: string }[];
  };
  /** Uncompressed layers. */
  readonly layers: readonly Buffer[];
}

/** The image that a report names, every digest and size of it checked. */
export async function storedImage(
  store: string,
  report: BuildSucceeded,
  name = 'curl-and-jq',
): Promise<StoredImage> {
  const manifestBytes = await readFile(join(store, 'images', name, 'manifests/sha256', hexOf(report.digest)));
  assert.equal(digestOf(manifestBytes), report.digest);
  const manifest: StoredImage['manifest'] = JSON.parse(manifestBytes.toString());
  assert.equal(manifest.mediaType, report.mediaType);
  const configBytes = await blob(store, manifest.config);
  const layers: Buffer[] = [];
  for (const layer of manifest.layers) layers.push(unpacked(layer, await blob(store, layer)));
  const config: StoredImage['config'] = JSON.parse(configBytes.toString());
  assert.deepEqual(layers.map(digestOf), config.rootfs.diff_ids);
  assert.equal(manifest.layers.length, report.layers);
  const size = [manifest.config, ...manifest.layers].reduce((sum, each) => sum + each.size, 0);
  assert.equal(report.size, size);
  return { manifest, config, layers };
}

function unpacked({ mediaType }: Descriptor, bytes: Buffer): Buffer {
  if (mediaType.endsWith('+zstd')) return zstdDecompressSync(bytes);
  if (/[+.]gzip$/.test(mediaType)) return gunzipSync(bytes);
  assert.match(mediaType, /\.tar$/);
  return bytes;
}

async function blob(store: string, { digest, size }: Descriptor): Promise<Buffer> {
  const bytes = await readFile(join(store, 'blobs/sha256', hexOf(digest)));
  assert.equal(digestOf(bytes), digest);
  assert.equal(bytes.length, size);
  return bytes;
}

/** Digests under which the tag stands, the oldest first. */
export async function publishedDigests(store: string, name = 'curl-and-jq', tag = 'v1'): Promise<string[]> {
  const folder = join(store, 'images', name, 'tags', tag);
  const files = await readdir(folder).catch(() => []);
  const digests: string[] = [];
  for (const file of files.toSorted((a, b) => (a < b ? -1 : 1))) {
    const content: { readonly digest: string } = JSON.parse(await readFile(join(folder, file), 'utf8'));
    digests.push(content.digest);
  }
  return digests;
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}
