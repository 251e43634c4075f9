import { field, readPath } from '../readPath.ts';

/** What the table and `--once` need to know of a NixImage, read from the object as it is stored. */
export interface ImageView {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly outcome: Outcome;
  readonly demo: boolean;
}

export type Outcome =
  | { readonly kind: 'Waiting'; readonly message: string }
  | { readonly kind: 'Building'; readonly pod: string | undefined }
  | { readonly kind: 'Built'; readonly reference: string; readonly digest: string }
  | { readonly kind: 'Failed'; readonly message: string; readonly logTail: string }
  | { readonly kind: 'Stalled'; readonly message: string };

export function viewOf(object: unknown): ImageView {
  return {
    namespace: textAt(object, '.metadata.namespace') || 'default',
    name: textAt(object, '.metadata.name'),
    version: textAt(object, '.status.version') || textAt(object, '.data.tag') || 'latest',
    outcome: outcomeOf(object),
    demo: readPath(object, '.status.packageSet') === 'demo',
  };
}

/** A status counts once it was made from the object as it stands now. */
function outcomeOf(object: unknown): Outcome {
  if (readPath(object, '.status.observedGeneration') !== readPath(object, '.metadata.generation'))
    return { kind: 'Waiting', message: '' };
  const stalled = condition(object, 'Stalled');
  const state = readPath(object, '.status.state');
  if (state === 'Failed')
    return {
      kind: 'Failed',
      message: textAt(object, '.status.failure.message') || stalled.message,
      logTail: textAt(object, '.status.failure.logTail'),
    };
  if (stalled.holds) return { kind: 'Stalled', message: stalled.message };
  if (state === 'Built')
    return {
      kind: 'Built',
      reference: textAt(object, '.status.image'),
      digest: textAt(object, '.status.digest'),
    };
  if (state === 'Building')
    return { kind: 'Building', pod: textAt(object, '.status.build.pod') || undefined };
  return { kind: 'Waiting', message: condition(object, 'Ready').message };
}

function condition(object: unknown, type: string): { readonly holds: boolean; readonly message: string } {
  const found = readPath(object, `.status.conditions[?(@.type=="${type}")]`);
  const message = field(found, 'message');
  return { holds: field(found, 'status') === 'True', message: typeof message === 'string' ? message : '' };
}

function textAt(object: unknown, path: string): string {
  const value = readPath(object, path);
  return typeof value === 'string' ? value : '';
}

/** The STATUS column. */
export function statusOf({ outcome, demo }: ImageView): string {
  const word = outcome.kind === 'Waiting' ? 'BuildPending' : outcome.kind;
  return demo ? `${word} (demo)` : word;
}

/** Whether nothing more will happen to the image by itself. */
export function isSettled({ outcome }: ImageView): boolean {
  return outcome.kind === 'Built' || outcome.kind === 'Failed' || outcome.kind === 'Stalled';
}
