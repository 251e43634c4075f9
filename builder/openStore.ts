import { open } from 'node:fs/promises';
import { layerMediaType } from '../oci/layer/compression.ts';
import { type PackedLayer, packLayer } from '../oci/layer/pack.ts';
import { LayerWorkers } from '../oci/layer/workers.ts';
import type { BlobWriter } from '../oci/store/blobWriter.ts';
import { type NamespaceTree, openTree } from '../oci/store/tree.ts';
import { archiveLayer } from './archive.ts';
import { BuildError } from './errors.ts';
import type { ImageStore, LayerSource, LayerWriting } from './imageStore.ts';

/**
 * The namespace's tree, as a build uses it; what it writes and reuses is leased to `pod` until the leases go.
 * @throws {StoreError} where there is no tree.
 */
export async function openStore(path: string, pod: string): Promise<ImageStore> {
  const tree = await openTree(path, pod);
  const workers = new LayerWorkers();
  return {
    freeBytes: () => tree.freeBytes(),
    writeProgress: (progress) => tree.writeProgress(JSON.stringify(progress)),
    findLayer: (key) => tree.findLayer(key),
    writeLayer: async (source, how) => {
      const packed = await writeBlob(tree, (writer) => pack(source, how, writer, workers));
      const layer = { ...packed, mediaType: layerMediaType(how.compression) };
      await tree.rememberLayer(source.key, layer);
      return layer;
    },
    putBlob: async (bytes) => {
      const digest = await tree.putBlob(bytes);
      await lease(tree, { digest, size: bytes.length });
      return { digest, size: bytes.length };
    },
    putManifest: async (name, bytes) => ({ digest: await tree.putManifest(name, bytes), size: bytes.length }),
    isSuperseded: (name, tag, publication) => tree.isSuperseded(name, tag, publication),
    publish: (name, tag, publication) => tree.publish(name, tag, publication),
    close: async () => {
      await workers.close();
      await tree.releaseLeases();
    },
  };
}

async function writeBlob(
  tree: NamespaceTree,
  fill: (writer: BlobWriter) => Promise<PackedLayer>,
): Promise<PackedLayer> {
  const writer = await tree.blobWriter();
  let packed: PackedLayer;
  try {
    packed = await fill(writer);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  await writer.commit(packed.digest);
  await lease(tree, packed);
  return packed;
}

/** A blob that goes between being written and being leased was an old one that the collector had just set aside. */
async function lease(
  tree: NamespaceTree,
  { digest, size }: Pick<PackedLayer, 'digest' | 'size'>,
): Promise<void> {
  if (await tree.lease(digest, size)) return;
  throw new BuildError('StoreUnavailable', `the blob ${digest} went away while it was written; build again`, {
    transient: true,
  });
}

async function pack(
  source: LayerSource,
  { compression, signal, onRead }: LayerWriting,
  writer: BlobWriter,
  workers: LayerWorkers,
): Promise<PackedLayer> {
  const output = writer.path;
  switch (source.kind) {
    case 'StorePaths': {
      const { kind, storeDir, paths, style } = source;
      return workers.write({ tar: { kind, storeDir, paths, style }, compression, output }, signal, onRead);
    }
    case 'TarFile': {
      const { kind, path } = source;
      return workers.write({ tar: { kind, path }, compression, output }, signal, onRead);
    }
    case 'ArchiveLayer': {
      await using file = await open(output, 'r+');
      return await packLayer(archiveLayer(source.archive, source.name, signal), file.fd, compression);
    }
  }
}
