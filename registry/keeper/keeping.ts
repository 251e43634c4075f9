import type { BuildNews, Finalized, ImageState, Progress } from '../../runtime/contract/keeper.ts';
import type { SlotUse, Turn } from '../../runtime/contract/turn.ts';

/** What the keeper does on the volume. Each throws a `Problem` with the code `UNAVAILABLE` where the volume is away. */
export interface Keeping {
  imageState(namespace: string, name: string, tag: string): Promise<ImageState>;
  /** Undefined where that builder has said nothing. */
  progress(namespace: string, name: string, pod: string): Promise<Progress | undefined>;
  /** Notes how far an image is; false where the namespace has no tree. */
  noteBuild(namespace: string, name: string, news: BuildNews): Promise<boolean>;
  /** Removes what was published for the NixImage of that uid, and nothing of a later one of the same name. */
  finalize(namespace: string, name: string, uid: string): Promise<Finalized>;
  /** Hands out what builds run in; undefined where nothing was asked. */
  useSlot(namespace: string, name: string, use: SlotUse): Promise<Turn | undefined>;
  /** Makes the namespace's tree. */
  createNamespace(namespace: string, uid: string): Promise<'made' | 'there'>;
  ready(): Promise<boolean>;
}
