import type { ObservedPod } from '../metacontroller.ts';
import type { NixImage } from '../resource/niximage.ts';

interface WhyPending {
  readonly reason: string;
  readonly message: string;
  readonly resyncAfterSeconds?: number;
}

/** Seconds that mounting volumes may take before it is said that one may be missing. */
const mountPatience = 20;

/** Why a builder's Pod does not run yet. */
export function whyPending(pod: ObservedPod, image: NixImage, now: number): WhyPending {
  const { scheduled, container } = pod;
  if (
    container?.kind === 'Waiting' &&
    container.reason !== undefined &&
    container.reason !== 'ContainerCreating'
  )
    return {
      reason: container.reason,
      message: `the builder cannot start: ${container.reason}${container.message === undefined ? '' : `: ${container.message}`}`,
    };
  if (scheduled?.status === 'False')
    return {
      reason: 'Unschedulable',
      message: `the builder waits for a place${scheduled.message === undefined ? '' : `: ${scheduled.message}`}`,
    };
  return (
    whyNotMounted(pod, image, now) ?? { reason: 'BuildPending', message: 'the builder is being started' }
  );
}

/**
 * A kubelet goes on by itself once the volume is there, and says nothing of which one is not, but in an event.
 * `PodReadyToStartContainers` is true from then on (Kubernetes 1.29; before there is no telling).
 */
function whyNotMounted(
  { metadata, readyToStart }: ObservedPod,
  { data }: NixImage,
  now: number,
): WhyPending | undefined {
  if (readyToStart?.status !== 'False' || readyToStart.since === undefined) return undefined;
  const left = mountPatience * 1000 - (now - Date.parse(readyToStart.since));
  // The kubelet says nothing new until it has mounted all, so nothing else would have this asked again.
  if (left > 0)
    return {
      reason: 'BuildPending',
      message: 'the builder is being started',
      resyncAfterSeconds: Math.ceil(left / 1000),
    };
  const secrets = Object.values(data.secrets ?? {});
  const named = secrets.length === 0 ? '' : `the Secret ${secrets.join(' or ')} (data.secrets), `;
  return {
    reason: 'VolumeMissing',
    message: `the builder cannot start, for something that it mounts is not there: ${named}its ConfigMap or the claim niximage-store; \`kubectl describe pod --namespace ${metadata.namespace} ${metadata.name}\` tells which, and it starts as soon as that is there`,
  };
}
