import type { SyncRequest } from '../metacontroller.ts';

/** When the newest thing in a request happened, RFC 3339: the time of whatever the hook concludes from it. */
export function eventTime({ parent, children }: SyncRequest): string {
  const { creationTimestamp, deletionTimestamp, changedAt } = parent.metadata;
  const times = [creationTimestamp, deletionTimestamp, changedAt];
  for (const { metadata } of children.configMaps.values()) times.push(metadata.creationTimestamp);
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
