/** A Pod's status as a kubelet writes it: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ */
type Status = Readonly<Record<string, unknown>>;

export interface Ended {
  readonly exitCode: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The termination message, cut to 4,096 bytes. */
  readonly message: string;
  /** Why the Pod itself was ended, such as `DeadlineExceeded`. */
  readonly podReason?: string;
}

export function waitingForPlace(running: number): Status {
  return {
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: `${running} other builds run, which is as many as may (--builds)`,
      },
    ],
  };
}

export function runningStatus(startedAt: string): Status {
  return {
    phase: 'Running',
    startTime: startedAt,
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [{ name: 'builder', ready: true, restartCount: 0, state: { running: { startedAt } } }],
  };
}

export function endedStatus({ exitCode, startedAt, finishedAt, message, podReason }: Ended): Status {
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  return {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    startTime: startedAt,
    ...(podReason === undefined ? {} : { reason: podReason }),
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [
      {
        name: 'builder',
        ready: false,
        restartCount: 0,
        state: {
          terminated: { exitCode, reason, startedAt, finishedAt, ...(message === '' ? {} : { message }) },
        },
      },
    ],
  };
}
