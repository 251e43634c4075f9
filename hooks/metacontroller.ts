import type { ConfigMapTexts } from './resource/configMaps.ts';

/**
 * What Metacontroller sends to a CompositeController's hooks and takes back, as far as this hook looks at it:
 * https://metacontroller.github.io/metacontroller/api/compositecontroller.html
 */
export interface SyncRequest {
  readonly parent: Parent;
  readonly children: Children;
  /** The ConfigMaps that `customize` asked for, by name. */
  readonly configMaps: ConfigMapTexts;
  /** Whether the parent's Namespace is being deleted, so far as that was shown. */
  readonly namespaceIsGoing: boolean;
  readonly finalizing: boolean;
}

export interface Parent {
  readonly metadata: ObjectMeta & { readonly creationTimestamp: string };
  readonly generation: number;
  /** Everything of it, for validation. */
  readonly object: Readonly<Record<string, unknown>>;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  /** When somebody last wrote anything but its status (managedFields), where that is known. */
  readonly changedAt?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly uid: string;
  readonly controller?: boolean;
}

/** The children that were seen, by name; those that are being deleted are among them. */
export interface Children {
  readonly configMaps: ReadonlyMap<string, ObservedConfigMap>;
  readonly pods: ReadonlyMap<string, ObservedPod>;
}

export interface ObservedConfigMap {
  readonly metadata: ObjectMeta;
  readonly data: Readonly<Record<string, string>>;
}

/** The parts of a Pod's status that tell how far it is: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ */
export interface ObservedPod {
  readonly metadata: ObjectMeta;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  /** When the last of its conditions changed. */
  readonly changedAt?: string;
  readonly scheduled?: { readonly status: string; readonly message?: string };
  /** Whether all that it mounts is there, and since when. */
  readonly readyToStart?: { readonly status: string; readonly since?: string };
  readonly container?: ObservedContainer;
}

export type ObservedContainer =
  | { readonly kind: 'Waiting'; readonly reason?: string; readonly message?: string }
  | { readonly kind: 'Running'; readonly startedAt?: string }
  | {
      readonly kind: 'Terminated';
      readonly exitCode: number;
      readonly reason?: string;
      readonly message?: string;
      readonly startedAt?: string;
      readonly finishedAt?: string;
    };

/** A child as it is wanted. */
export interface Child {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

export interface SyncResponse {
  readonly status: unknown;
  readonly children: readonly Child[];
  readonly resyncAfterSeconds?: number;
}

export interface FinalizeResponse extends SyncResponse {
  readonly finalized: boolean;
}
