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

/** An image whose layers are in the store. */
export interface WrittenImage {
  readonly config: JsonObject;
  readonly layers: readonly StoredLayer[];
  /** How many of `layers` were there before. */
  readonly reusedLayers: number;
}

export interface WriteRequest {
  readonly source: ImageSource;
  readonly context: NixContext;
  readonly store: ImageStore;
  readonly observer: BuildObserver;
  readonly packageSet: PackageSet;
}

/** Puts the layers of what Nix built into the store, those it has not yet, and makes the image's configuration. */
export async function writeImage(request: WriteRequest): Promise<WrittenImage> {
  const { source, packageSet } = request;
  if (source.kind === 'Archive') {
    const archive = await readArchive(source.path);
    const written = await writeLayers(request, planArchive(archive));
    requireSameDiffIds(archive, written.layers);
    return { ...written, config: labelledConfig(archive.config, packageSet) };
  }
  const { conf } = source;
  const now = new Date();
  const base = conf.fromImage === undefined ? undefined : await readArchive(conf.fromImage);
  const hashes = await hashesOf(request.context, [...conf.storeLayers.flat(), conf.customisationLayer]);
  const plan = planLayers(conf, base, (path) => hashes.get(path) ?? path, now);
  const written = await writeLayers(request, plan);
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

/** As many as the store has threads for: the next layer is read while one is compressed. */
const atOnce = 2;

async function writeLayers(
  { store, observer, context }: WriteRequest,
  plan: readonly PlannedLayer[],
): Promise<Omit<WrittenImage, 'config'>> {
  const layers: StoredLayer[] = [];
  let reusedLayers = 0;
  let done = 0;
  const left = plan.entries();
  const writeNext = async (): Promise<void> => {
    for (const [index, { source }] of left) {
      context.signal.throwIfAborted();
      const found = await store.findLayer(source.key);
      if (found !== undefined) reusedLayers += 1;
      layers[index] = found ?? (await store.writeLayer(source, context.signal));
      done += 1;
      observer.activity({ kind: 'WritingLayers', done, expected: plan.length });
    }
  };
  observer.activity({ kind: 'WritingLayers', done, expected: plan.length });
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, writeNext));
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  await observer.log(`${layers.length} layers, ${reusedLayers} of them in the store before`);
  return { layers, reusedLayers };
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
