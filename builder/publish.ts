import type { PublicationName } from '../oci/store/publication.ts';
import type { BuildSucceeded } from '../runtime/contract/report.ts';
import { BuildError } from './errors.ts';
import type { ImageMediaTypes } from './format.ts';
import type { ImageStore, StoredBlob } from './imageStore.ts';
import type { WrittenImage } from './writeImage.ts';

/** Under which name an image is published. */
export interface PublishTarget {
  /** The repository's last component. */
  readonly name: string;
  readonly tag: string;
  readonly publication: PublicationName;
}

/**
 * Writes configuration, manifest and tag, in this order: whoever sees one of them finds what it names.
 * The same image has the same manifest, byte for byte: nothing in it tells which build wrote it.
 * @throws {BuildError} `Superseded` where a newer build of the tag is published; the tag is not touched then.
 */
export async function publish(
  store: ImageStore,
  { name, tag, publication }: PublishTarget,
  image: WrittenImage,
  mediaTypes: ImageMediaTypes,
): Promise<BuildSucceeded> {
  const config = await store.putBlob(jsonBytes(image.config));
  const manifest = await store.putManifest(name, jsonBytes(manifestOf(config, image, mediaTypes)));
  if (await store.isSuperseded(name, tag, publication))
    throw new BuildError(
      'Superseded',
      `a newer build of ${name}:${tag} is published already; this one is not`,
    );
  const size = image.layers.reduce((sum, layer) => sum + layer.size, config.size);
  const { digest, size: manifestSize } = manifest;
  await store.publish(name, tag, {
    ...publication,
    digest,
    mediaType: mediaTypes.manifest,
    manifestSize,
    size,
  });
  return {
    v: 1,
    result: 'Built',
    digest,
    mediaType: mediaTypes.manifest,
    size,
    layers: image.layers.length,
    reusedLayers: image.reusedLayers,
  };
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md; Docker's has the same fields. */
function manifestOf(config: StoredBlob, image: WrittenImage, mediaTypes: ImageMediaTypes): unknown {
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: config.digest, size: config.size },
    layers: image.layers.map(({ digest, size }) => ({ mediaType: mediaTypes.layer, digest, size })),
  };
}

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
