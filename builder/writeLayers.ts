import type { Compression } from '../oci/layer/compression.ts';
import type { ImageStore, LayerSource, StoredLayer } from './imageStore.ts';

export interface WrittenLayers {
  /** In the order of their sources. */
  readonly layers: readonly StoredLayer[];
  /** How many of `layers` were there before. */
  readonly reusedLayers: number;
}

export interface WriteOptions {
  readonly compression: Compression;
  readonly signal: AbortSignal;
  /** Told how many layers are in the store, and how many bytes were read for those that were not. */
  readonly onProgress?: (done: number, bytes: number) => void;
}

/** As many as the store has threads for. */
const atOnce = 2;

/**
 * Puts layers into the store, two at a time; those that it has are neither read nor hashed. When one fails the other
 * stops.
 * @throws what the first that failed threw.
 */
export async function writeLayers(
  store: ImageStore,
  sources: readonly LayerSource[],
  { compression, signal, onProgress = () => {} }: WriteOptions,
): Promise<WrittenLayers> {
  const layers: StoredLayer[] = [];
  const read: number[] = [];
  let reusedLayers = 0;
  let done = 0;
  const tell = (): void =>
    onProgress(
      done,
      read.reduce((sum, bytes) => sum + bytes, 0),
    );
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const left = sources.entries();
  const writeNext = async (): Promise<void> => {
    for (const [index, source] of left) {
      stop.throwIfAborted();
      const onRead = (bytes: number): void => {
        read[index] = bytes;
        tell();
      };
      const found = await store.findLayer(source.key);
      if (found !== undefined) reusedLayers += 1;
      layers[index] = found ?? (await store.writeLayer(source, { compression, signal: stop, onRead }));
      done += 1;
      tell();
    }
  };
  const write = (): Promise<void> =>
    writeNext().catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
  await Promise.allSettled(Array.from({ length: atOnce }, write));
  stop.throwIfAborted();
  return { layers, reusedLayers };
}
