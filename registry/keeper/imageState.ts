import { type ImageState, isOfBuild } from '../../runtime/contract/keeper.ts';
import type { Product } from '../../runtime/contract/turn.ts';
import type { Volume } from '../volume.ts';

/**
 * What the volume has of a tag.
 * @throws {Problem} `UNAVAILABLE` where the volume is away.
 */
export function imageState(
  volume: Volume,
  namespace: string,
  name: string,
  tag: string,
): Promise<ImageState> {
  return volume.see(async (store) => {
    const reader = await store.namespace(namespace);
    if (reader === undefined) return { state: 'NoNamespace' };
    const [newest, ...older] = await reader.publications(name, tag);
    if (newest === undefined || !(await reader.isComplete(name, newest))) {
      const ordinals = [newest, ...older].map((publication) => publication?.ordinal ?? 0);
      return { state: 'Absent', ordinal: Math.max(...ordinals) };
    }
    const { digest, mediaType, size, inputHash, uid, ordinal } = newest;
    return { state: 'Present', publication: { digest, mediaType, size, inputHash, uid, ordinal } };
  });
}

/**
 * Whether the volume has what a build was to publish.
 * @throws {Problem} as `imageState` does.
 */
export async function isServed(
  volume: Volume,
  namespace: string,
  name: string,
  product: Product,
): Promise<boolean> {
  return isOfBuild(await imageState(volume, namespace, name, product.tag), product);
}
