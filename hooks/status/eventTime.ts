import type { SyncRequest } from '../metacontroller.ts';

/**
 * When the newest thing in a request happened, RFC 3339: the time of whatever the hook concludes from it.
 * @param isSaid whether the object has a status. Before it has, a ConfigMap counts for nothing: Metacontroller may show the
 *   one that was made together with the first status before it shows that status, which is then said a second time.
 */
export function eventTime({ parent, children }: SyncRequest, isSaid: boolean): string {
  const { creationTimestamp, deletionTimestamp, changedAt } = parent.metadata;
  const times = [creationTimestamp, deletionTimestamp, changedAt];
  if (isSaid) for (const { metadata } of children.configMaps.values()) times.push(metadata.creationTimestamp);
  for (const { metadata, container } of children.pods.values()) {
    times.push(metadata.creationTimestamp, metadata.deletionTimestamp);
    if (container?.kind === 'Running') times.push(container.startedAt);
    if (container?.kind === 'Terminated') times.push(container.startedAt, container.finishedAt);
  }
  const known = times.filter((time) => time !== undefined && !Number.isNaN(Date.parse(time)));
  return (
    known.reduce((one = creationTimestamp, other) =>
      Date.parse(other ?? '') > Date.parse(one) ? other : one,
    ) ?? creationTimestamp
  );
}
