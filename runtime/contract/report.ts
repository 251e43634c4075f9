import type { ResolvedSource } from './sources.ts';

/**
 * What a builder says at its end, as JSON in its Pod's termination message (at most 4,096 bytes:
 * https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/).
 * The hook reads it from the observed Pod; the builder writes it.
 */
export type BuildReport = BuildSucceeded | BuildFailed;

export interface BuildSucceeded {
  readonly v: 1;
  readonly result: 'Built';
  /** Digest of the image's manifest, `sha256:<hex>`. */
  readonly digest: string;
  readonly mediaType: string;
  /** Bytes a client downloads: the config and all layers, as stored. */
  readonly size: number;
  readonly layers: number;
  /** How many of `layers` were already in the store and were neither read nor compressed. */
  readonly reusedLayers: number;
  /** What the sources were that the order named. */
  readonly sources?: readonly ResolvedSource[];
}

export interface BuildFailed {
  readonly v: 1;
  readonly result: 'Failed';
  readonly reason: FailureReason;
  /** One sentence for a person: what was wrong, where, what to do. */
  readonly message: string;
  /** The entry of `data.contents` that failed, where one can be named. */
  readonly attribute?: string;
  /** The last lines of the log that belong to the failure. */
  readonly logTail?: string;
  /** Whether the same build may well succeed when it is tried again with nothing changed. */
  readonly transient: boolean;
}

export const failureReasons = [
  'UnknownAttribute',
  'NotAPackage',
  'EvaluationFailed',
  'PackageRefused',
  'BuildFailed',
  'HashMismatch',
  'FetchFailed',
  'OutOfMemory',
  'DiskFull',
  'Timeout',
  'TooManyLayers',
  'ExpressionChanged',
  'StoreUnavailable',
  'MachineUnreachable',
  'NixUnavailable',
  'Superseded',
  'Interrupted',
  'BuilderLost',
  'InternalError',
] as const;

/** `Superseded`: a newer build of the same tag exists. `BuilderLost`: the Pod went away and said nothing. */
export type FailureReason = (typeof failureReasons)[number];

export const terminationMessageLimit = 4096;
