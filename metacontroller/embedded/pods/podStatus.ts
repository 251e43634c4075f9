import { type KubeObject, timestamp } from '../objects/kubeObject.ts';

/** A Pod's status as a kubelet writes it: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ */
type Status = Readonly<Record<string, unknown>>;

const phases = ['Pending', 'Running', 'Succeeded', 'Failed'] as const;

const explanations = {
  DeadlineExceeded: 'Pod was active on the node longer than the specified deadline',
} as const;

export interface Ended {
  readonly exitCode: number;
  /** Milliseconds since 1970, as the next. */
  readonly startedAt: number;
  readonly finishedAt: number;
  /** The termination message; empty for none. */
  readonly message: string;
  /** Why the Pod itself was ended; it has failed then, however its container ended. */
  readonly reason: 'DeadlineExceeded' | undefined;
}

type Phase = (typeof phases)[number];

/** A Pod without a status is Pending. */
export function phaseOf(pod: KubeObject): Phase {
  const status = pod['status'];
  const phase = typeof status === 'object' && status !== null && 'phase' in status ? status.phase : undefined;
  return phases.find((each) => each === phase) ?? 'Pending';
}

export function hasEnded(pod: KubeObject): boolean {
  const phase = phaseOf(pod);
  return phase === 'Succeeded' || phase === 'Failed';
}

export function waitingForPlace(builds: number): Status {
  return {
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: `as many builds run as may at once (${builds})`,
      },
    ],
  };
}

export function runningStatus(start: number): Status {
  const startedAt = timestamp(start);
  return {
    phase: 'Running',
    startTime: startedAt,
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [{ name: 'builder', ready: true, restartCount: 0, state: { running: { startedAt } } }],
  };
}

export function endedStatus({ exitCode, message, reason, ...times }: Ended): Status {
  const [startedAt, finishedAt] = [timestamp(times.startedAt), timestamp(times.finishedAt)];
  return {
    phase: exitCode === 0 && reason === undefined ? 'Succeeded' : 'Failed',
    startTime: startedAt,
    ...(reason === undefined ? {} : { reason, message: explanations[reason] }),
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [
      {
        name: 'builder',
        ready: false,
        restartCount: 0,
        state: {
          terminated: {
            exitCode,
            reason: exitCode === 0 ? 'Completed' : 'Error',
            startedAt,
            finishedAt,
            ...(message === '' ? {} : { message }),
          },
        },
      },
    ],
  };
}
