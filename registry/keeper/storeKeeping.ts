import { removeNews, writeNews } from '../../oci/store/push/news.ts';
import { removeImage } from '../../oci/store/removeImage.ts';
import type { Slots } from '../queue/slots.ts';
import type { Volume } from '../volume.ts';
import { imageState } from './imageState.ts';
import type { Keeping } from './keeping.ts';
import { parseProgress } from './progressFile.ts';

/** Keeps the volume, and hands out the slots that builds run in. */
export function createKeeping(volume: Volume, slots: Slots): Keeping {
  return {
    imageState: (namespace, name, tag) => imageState(volume, namespace, name, tag),
    progress: (namespace, _name, pod) =>
      volume.see(async (store) => {
        const bytes = await (await store.namespace(namespace))?.readProgress(pod);
        return bytes === undefined ? undefined : parseProgress(bytes);
      }),
    noteBuild: (namespace, name, news) =>
      volume.see(async (store) => {
        if ((await store.owner(namespace)) === undefined) return false;
        await writeNews(store.treePath(namespace), name, JSON.stringify({ v: 1, ...news }));
        return true;
      }),
    useSlot: (namespace, name, use) => slots.use(namespace, name, use),
    finalize: (namespace, name, uid) =>
      volume.see(async (store) => {
        await slots.use(namespace, name, { use: 'Free' });
        const owner = await store.owner(namespace);
        // Without a tree there is nothing to remove, and a resource must not wait for one.
        if (owner === undefined) return { removedTags: 0, removedManifests: 0 };
        await removeNews(store.treePath(namespace), name);
        return await removeImage(store.treePath(namespace), name, uid);
      }),
    createNamespace: (namespace, uid) => volume.see((store) => store.createNamespace(namespace, uid)),
    ready: () => volume.present(),
  };
}
