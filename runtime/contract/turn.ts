/**
 * What the hook tells the keeper of an image's build, and by that asks for one of the slots that there are:
 *   POST /internal/v1/namespaces/{namespace}/images/{name}/slot SlotUse   -> Turn for `Start`, else {}
 * An image has one slot at most, whichever attempt it is at. One that is not spoken of for a while is taken back.
 */
export type SlotUse =
  /**
   * May this Pod be started? `since` is when its image began to wait, RFC 3339. One that could not be started yet is not
   * `ready`: it takes its place in line, and a slot only where nobody waits. Of one that is `untold` no status says
   * anything yet, so it may be sent away for a moment.
   */
  | {
      readonly use: 'Start';
      readonly pod: string;
      readonly since: string;
      readonly product?: Product;
      readonly ready?: boolean;
      readonly untold?: boolean;
    }
  /** This Pod is there; `running` once it is more than placed, so that it builds. */
  | {
      readonly use: 'Hold';
      readonly pod: string;
      readonly since: string;
      readonly running: boolean;
      readonly product?: Product;
    }
  /** The image needs no slot, and does not wait for one. */
  | { readonly use: 'Free' };

/** What the Pod is to publish: once that is served, the build is over, whoever has seen it. An older hook says nothing. */
export interface Product {
  readonly tag: string;
  readonly inputHash: string;
  /** metadata.uid of the NixImage. */
  readonly uid: string;
}

export type Turn =
  /** It may, and might since then (RFC 3339). */
  | { readonly turn: 'Go'; readonly since: string }
  /** It waits: the first in line has the place 1, of so many that wait. */
  | {
      readonly turn: 'Wait';
      readonly place: number;
      readonly of: number;
      readonly askAgainSeconds: number;
    }
  /** It is in line, behind so many that came with it that nothing is to be done about it yet; for whole seconds. */
  | { readonly turn: 'Later'; readonly askAgainSeconds: number };
