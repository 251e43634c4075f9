import type { ImageStatus } from '../../hooks/resource/niximage.ts';

export type Kstatus = 'Terminating' | 'InProgress' | 'Failed' | 'Current';

interface Live {
  readonly metadata: { readonly generation: number; readonly deletionTimestamp?: string };
  readonly status?: ImageStatus | undefined;
}

/**
 * What Flux, `kubectl wait` by kstatus and others take a custom resource's state to be:
 * https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
 */
export function kstatus({ metadata, status }: Live): Kstatus {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  const { observedGeneration, conditions = [] } = status ?? {};
  if (observedGeneration !== undefined && observedGeneration !== metadata.generation) return 'InProgress';
  for (const { type, status: truth } of conditions) {
    if (type === 'Reconciling' && truth === 'True') return 'InProgress';
    if (type === 'Stalled' && truth === 'True') return 'Failed';
  }
  const ready = conditions.find(({ type }) => type === 'Ready');
  // What has no condition at all counts as current, whoever made it: only the first sync can help.
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress';
}
