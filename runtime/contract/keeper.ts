import type { Progress } from './progress.ts';

/**
 * The keeper's internal port. Every request shows `Authorization: Bearer <token>`; without it the answer is 401.
 *
 *   GET  /internal/v1/namespaces/{namespace}/images/{name}/tags/{tag}       -> ImageState
 *   GET  /internal/v1/namespaces/{namespace}/images/{name}/progress/{pod}   -> Progress, or 404
 *   PUT  /internal/v1/namespaces/{namespace}/images/{name}/build {tag, state, message?}   -> 200 {}
 *   POST /internal/v1/namespaces/{namespace}/images/{name}/slot SlotUse     -> Turn, or {} (`turn.ts`)
 *   POST /internal/v1/namespaces/{namespace}/images/{name}/finalize {uid}   -> Finalized
 *   PUT  /internal/v1/namespaces/{namespace} {uid}                          -> 201 made, 200 there already
 *   GET  /healthz /readyz /metrics                                            (no token)
 *
 * A keeper that cannot see the volume (no marker, wrong id, I/O error) answers 503; the hook takes that, a refused
 * connection and a time-out alike as "unknown".
 */
export type ImageState =
  | { readonly state: 'Present'; readonly publication: PublicationView }
  /** `publication` is the newest one, where there is one whose manifest or blobs are not complete. */
  | { readonly state: 'Absent'; readonly ordinal: number }
  /** The namespace has no tree on the volume yet. */
  | { readonly state: 'NoNamespace' };

/** The newest publication of a tag; its manifest and every blob were seen in the store with their sizes. */
export interface PublicationView {
  readonly digest: string;
  readonly mediaType: string;
  /** Bytes a client downloads: config and layers. */
  readonly size: number;
  readonly inputHash: string;
  /** uid of the NixImage it was built for. */
  readonly uid: string;
  readonly ordinal: number;
}

/** Whether what is there is this very build: of these inputs, and for this NixImage. That alone is Built. */
export function isOfBuild(
  observed: ImageState,
  { inputHash, uid }: Pick<PublicationView, 'inputHash' | 'uid'>,
): observed is Extract<ImageState, { state: 'Present' }> {
  if (observed.state !== 'Present') return false;
  return observed.publication.inputHash === inputHash && observed.publication.uid === uid;
}

/**
 * How far an image is that is not served yet, as the hook tells it and the registry says it to whoever asks for the tag.
 * `message` is why a build failed, in one line.
 */
export interface BuildNews {
  readonly tag: string;
  readonly state: (typeof buildStates)[number];
  readonly message?: string;
}

export const buildStates = ['Queued', 'Building', 'Failed'] as const;

/** Longest message that is kept, in characters. */
export const buildMessageLimit = 500;

export interface Finalized {
  readonly removedTags: number;
  readonly removedManifests: number;
}

export type { Progress };
