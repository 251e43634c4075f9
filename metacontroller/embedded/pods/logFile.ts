import { join } from 'node:path';

/** What a Pod's process prints; kept when the Pod goes. */
export function logFileOf(state: string, namespace: string, pod: string): string {
  return join(state, 'logs', namespace, `${pod}.log`);
}
