import { createNamespace, removeImage } from '../store/write.ts';
import type { Volume } from '../volume.ts';
import type { Keeping } from './keeping.ts';
import { parseProgress } from './progressFile.ts';

/** Keeps the volume. */
export function createKeeping(volume: Volume): Keeping {
  return {
    imageState: (namespace, name, tag) =>
      volume.see(async (store) => {
        const reader = await store.namespace(namespace);
        if (reader === undefined) return { state: 'NoNamespace' };
        const publication = await reader.currentPublication(name, tag);
        if (publication === undefined || !(await reader.isComplete(name, publication.digest)))
          return { state: 'Absent', ordinal: await reader.highestOrdinal(name, tag) };
        const { digest, mediaType, size, inputHash, uid, ordinal } = publication;
        return { state: 'Present', publication: { digest, mediaType, size, inputHash, uid, ordinal } };
      }),
    progress: (namespace, _name, pod) =>
      volume.see(async (store) => {
        const bytes = await (await store.namespace(namespace))?.readProgressFile(pod);
        return bytes === undefined ? undefined : parseProgress(bytes);
      }),
    finalize: (namespace, name, uid) => volume.see((store) => removeImage(store, namespace, name, uid)),
    createNamespace: (namespace, uid) => volume.see((store) => createNamespace(store, namespace, uid)),
    ready: () => volume.present(),
  };
}
