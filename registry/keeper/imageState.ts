import type { NamespaceReader } from '../../oci/store/reader.ts';
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
  return volume.look(async (store) => {
    const reader = await store.namespace(namespace);
    return reader === undefined ? { state: 'NoNamespace' } : await stateIn(reader, name, tag);
  });
}

/**
 * Whether the volume has what a build was to publish; not so, where it has not been seen yet.
 * @throws {Problem} as `imageState` does, where the volume itself fails.
 */
export async function isServed(
  volume: Volume,
  namespace: string,
  name: string,
  product: Product,
): Promise<boolean> {
  const state = await volume.glance(async (store) => {
    const reader = store.reader(namespace);
    return reader && (await stateIn(reader, name, product.tag));
  });
  return state !== undefined && isOfBuild(state, product);
}

type TagState = Exclude<ImageState, { state: 'NoNamespace' }>;

async function stateIn(reader: NamespaceReader, name: string, tag: string): Promise<TagState> {
  const [newest, ...older] = await reader.publications(name, tag);
  if (newest === undefined || !(await reader.isComplete(name, newest))) {
    const ordinals = [newest, ...older].map((publication) => publication?.ordinal ?? 0);
    return { state: 'Absent', ordinal: Math.max(...ordinals) };
  }
  const { digest, mediaType, size, inputHash, uid, ordinal } = newest;
  return { state: 'Present', publication: { digest, mediaType, size, inputHash, uid, ordinal } };
}
