import { openTree } from '../../../oci/store/tree.ts';
import { type BuildOrder, parseBuildOrder } from '../../../runtime/contract/buildOrder.ts';
import type { BuildSucceeded } from '../../../runtime/contract/report.ts';
import { manifestType } from '../../registry/support/memoryImages.ts';

/** The order in a builder Pod's arguments. */
export function orderOf(words: readonly string[]): BuildOrder {
  return parseBuildOrder(words.slice(1));
}

/**
 * Publishes an image of one small file's worth, as a builder does, and says what a builder says.
 * @param tree the namespace's, on the volume.
 * @returns the termination message.
 */
export async function publishTiny(order: BuildOrder, tree: string): Promise<string> {
  const { name, tag, uid, created, ordinal, inputHash } = order;
  const namespace = await openTree(tree, order.pod);
  const layer = Buffer.from(`${name} ${inputHash}`);
  const layerDescriptor = {
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    digest: await namespace.putBlob(layer),
    size: layer.length,
  };
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [layerDescriptor.digest] },
    }),
  );
  const configDescriptor = {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: await namespace.putBlob(config),
    size: config.length,
  };
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: configDescriptor,
      layers: [layerDescriptor],
    }),
  );
  const digest = await namespace.putManifest(name, manifest);
  const size = layer.length + config.length;
  await namespace.publish(name, tag, {
    digest,
    mediaType: manifestType,
    manifestSize: manifest.length,
    size,
    created,
    ordinal,
    uid,
    inputHash,
  });
  return JSON.stringify({
    v: 1,
    result: 'Built',
    digest,
    mediaType: manifestType,
    size,
    layers: 1,
    reusedLayers: 0,
  } satisfies BuildSucceeded);
}
