import type { Condition } from '../resource/niximage.ts';

type Truth = Condition['status'];

/** What the three conditions say; kubectl, Flux and Argo CD read them by kstatus' rules. */
export interface Verdict {
  readonly ready: Truth;
  /** Whether something is being done about it. */
  readonly reconciling: boolean;
  /** Whether nothing will be done until somebody changes something. */
  readonly stalled: boolean;
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
}

/**
 * The conditions, each with the time of its last change: taken over where it says what it said, else `at`.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties
 * @param at RFC 3339; from the observed objects, never from a clock: a time of its own in each answer would be a loop.
 */
export function conditions(
  verdict: Verdict,
  last: readonly Condition[],
  at: string,
  observedGeneration: number,
): Condition[] {
  const of = (type: string, status: Truth, says: boolean): Condition => {
    const before = last.find((condition) => condition.type === type);
    return {
      type,
      status,
      reason: says ? verdict.reason : `Not${type}`,
      message: says ? verdict.message : '',
      observedGeneration,
      lastTransitionTime:
        before?.status === status ? before.lastTransitionTime : latest(before?.lastTransitionTime, at),
    };
  };
  return [
    of('Ready', verdict.ready, true),
    of('Reconciling', verdict.reconciling ? 'True' : 'False', verdict.reconciling),
    of('Stalled', verdict.stalled ? 'True' : 'False', verdict.stalled),
  ];
}

function latest(one: string | undefined, other: string): string {
  return one !== undefined && Date.parse(one) > Date.parse(other) ? one : other;
}
