/** What became of one round of a parent. */
export type SyncOutcome =
  /** @property remarks what is odd in the answer, one sentence each; Metacontroller says nothing of it. */
  | { readonly kind: 'Answered'; readonly remarks: readonly string[] }
  /** The hook asked to be left alone for now (429); Metacontroller raises no event for it. */
  | { readonly kind: 'Waits' }
  /** @property message what Metacontroller's event on the object would say. */
  | { readonly kind: 'Failed'; readonly message: string };
