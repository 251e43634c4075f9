import type { Compression } from '../oci/layer/compression.ts';
import type { PackageSet } from '../runtime/contract/packageSet.ts';
import { type ArchiveContents, readArchive } from './archive.ts';
import { BuildError } from './errors.ts';
import { imageConfig, labelledConfig } from './image.ts';
import type { ImageStore, StoredLayer } from './imageStore.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { type PlannedLayer, planArchive, planLayers } from './layerPlan.ts';
import { type NixContext, narHashes } from './nix/query.ts';
import type { BuildObserver } from './observer.ts';
import type { ImageSource } from './source.ts';
import { type WrittenLayers, writeLayers } from './writeLayers.ts';

/** An image whose layers are in the store. */
export interface WrittenImage extends WrittenLayers {
  readonly config: JsonObject;
}

export interface WriteRequest {
  readonly source: ImageSource;
  readonly context: NixContext;
  readonly store: ImageStore;
  readonly observer: BuildObserver;
  readonly packageSet: PackageSet;
  readonly compression: Compression;
}

/** Puts the layers of what Nix built into the store, those it has not yet, and makes the image's configuration. */
export async function writeImage(request: WriteRequest): Promise<WrittenImage> {
  const { source, packageSet } = request;
  if (source.kind === 'Archive') {
    const archive = await readArchive(source.path);
    const written = await writePlan(request, planArchive(archive, request.compression));
    requireSameDiffIds(archive, written.layers);
    return { ...written, config: labelledConfig(archive.config, packageSet) };
  }
  const { conf } = source;
  const now = new Date();
  const base = conf.fromImage === undefined ? undefined : await readArchive(conf.fromImage);
  const hashes = await hashesOf(request.context, [...conf.storeLayers.flat(), conf.customisationLayer]);
  const plan = planLayers(conf, base, (path) => hashes.get(path) ?? path, now, request.compression);
  const written = await writePlan(request, plan);
  if (base !== undefined) requireSameDiffIds(base, written.layers);
  const origins = plan.map(({ paths }, index) => ({ paths, diffId: written.layers[index]?.diffId ?? '' }));
  const baseConfig = base?.config['config'];
  const options = { packageSet, now, ...(isJsonObject(baseConfig) ? { base: baseConfig } : {}) };
  return { ...written, config: imageConfig(conf, origins, options) };
}

async function hashesOf(context: NixContext, paths: readonly string[]): Promise<Map<string, string>> {
  const distinct = [...new Set(paths)];
  const hashes = await narHashes(context, distinct);
  return new Map(distinct.map((path, index) => [path, hashes[index] ?? path]));
}

async function writePlan(
  { store, observer, context, compression }: WriteRequest,
  plan: readonly PlannedLayer[],
): Promise<WrittenLayers> {
  const expected = plan.length;
  const sources = plan.map(({ source }) => source);
  const onProgress = (done: number, bytes: number): void =>
    observer.activity({ kind: 'WritingLayers', done, expected, bytes });
  onProgress(0, 0);
  const written = await writeLayers(store, sources, { compression, signal: context.signal, onProgress });
  await observer.log(`${expected} layers, ${written.reusedLayers} of them in the store before`);
  return written;
}

/** An archive that names other digests than its layers have would give an image that nobody can unpack. */
function requireSameDiffIds(archive: ArchiveContents, layers: readonly StoredLayer[]): void {
  const wrong = archive.layers.find((layer, index) => layer.diffId !== layers[index]?.diffId);
  if (wrong === undefined) return;
  throw new BuildError(
    'BuildFailed',
    `the archive ${archive.path} names ${wrong.diffId} for its layer ${wrong.name}, whose contents are others; build it again`,
  );
}
