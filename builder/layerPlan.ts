import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Compression } from '../oci/layer/compression.ts';
import type { TarStyle } from '../oci/tar/header.ts';
import type { ArchiveContents } from './archive.ts';
import { type ImageConf, resolveTime } from './conf.ts';
import { BuildError } from './errors.ts';
import type { LayerSource } from './imageStore.ts';

/** A layer to be written, or found, with what the image's history says of it. */
export interface PlannedLayer {
  readonly source: LayerSource;
  readonly paths: readonly string[];
}

/** As many as Docker mounts: https://github.com/moby/moby/blob/v28.0.0/layer/layer_store.go, maxLayerDepth, and two. */
const mostLayers = 127;

/** Raised when the bytes of a layer change for the same inputs, so that no layer of an older form is reused. */
const keyVersion = 2;

/**
 * The layers of an image in their order: the base's, one for each group of store paths, the customisation layer.
 * @param hashOf the hash of a store path's contents.
 * @param compression how they are stored: the same bytes stored otherwise are another layer.
 * @throws {BuildError} `TooManyLayers`, before anything is written.
 */
export function planLayers(
  conf: ImageConf,
  base: ArchiveContents | undefined,
  hashOf: (path: string) => string,
  now: Date,
  compression: Compression,
): PlannedLayer[] {
  requireLayers((base?.layers.length ?? 0) + conf.storeLayers.length + 1);
  const style: TarStyle = {
    mtime: Math.floor(resolveTime(conf.mtime, now).getTime() / 1000),
    uid: conf.uid,
    gid: conf.gid,
    uname: conf.uname,
    gname: conf.gname,
  };
  const stores = conf.storeLayers.map((paths): PlannedLayer => {
    const key = keyOf(compression, [
      'store',
      conf.storeDir,
      style,
      paths.map((path) => [path, hashOf(path)]),
    ]);
    return { paths, source: { kind: 'StorePaths', key, storeDir: conf.storeDir, paths, style } };
  });
  const path = join(conf.customisationLayer, 'layer.tar');
  const key = keyOf(compression, ['tar', hashOf(conf.customisationLayer)]);
  const customisation: PlannedLayer = {
    paths: [conf.customisationLayer],
    source: { kind: 'TarFile', key, path },
  };
  return [...(base === undefined ? [] : planArchive(base, compression)), ...stores, customisation];
}

/** The layers of a docker-archive; what is uncompressed the same is the same layer, wherever it stands. */
export function planArchive(archive: ArchiveContents, compression: Compression): PlannedLayer[] {
  requireLayers(archive.layers.length);
  return archive.layers.map((layer) => ({
    paths: [layer.name],
    source: {
      kind: 'ArchiveLayer',
      key: keyOf(compression, ['diff', layer.diffId]),
      archive: archive.path,
      name: layer.name,
    },
  }));
}

function requireLayers(count: number): void {
  if (count <= mostLayers) return;
  throw new BuildError(
    'TooManyLayers',
    `the image has ${count} layers and container runtimes mount ${mostLayers} at most; set data.maxLayers to ${mostLayers} or less, the base image's layers included`,
  );
}

function keyOf(compression: Compression, inputs: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify([keyVersion, compression, ...inputs]))
    .digest('hex');
}
