import { isTerminating } from '../objects/finalizers.ts';
import type { KubeObject } from '../objects/kubeObject.ts';
import { hasEnded, phaseOf } from './podStatus.ts';

/** What the kubelet has to do next for a Pod. */
export type Step = 'Nothing' | 'Delete' | 'Start' | 'TellWaiting' | 'TellRunning' | 'TellEnd';

export interface Known {
  readonly hasPlace: boolean;
  /** Of its container; `None` where none was ever run. */
  readonly container: 'None' | 'Runs' | 'Ended';
}

export function stepOf(pod: KubeObject, { hasPlace, container }: Known): Step {
  if (isTerminating(pod)) return 'Delete';
  if (hasEnded(pod)) return 'Nothing';
  switch (container) {
    case 'Ended':
      return 'TellEnd';
    case 'Runs':
      return phaseOf(pod) === 'Running' ? 'Nothing' : 'TellRunning';
    case 'None':
      if (hasPlace) return 'Start';
      return pod['status'] === undefined ? 'TellWaiting' : 'Nothing';
  }
}
