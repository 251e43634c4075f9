import type { KubeObject } from '../support/apiClient.ts';
import type { Run } from './fakeNodes.ts';

/** The most that ran at once. */
export function peak(runs: readonly Run[]): number {
  const changes = runs.flatMap(({ startedAt, endedAt = Number.POSITIVE_INFINITY }) => [
    { at: startedAt, by: 1 },
    { at: endedAt, by: -1 },
  ]);
  let [now, most] = [0, 0];
  // One that ends makes room for one that starts in the same millisecond.
  for (const { by } of changes.toSorted((one, other) => one.at - other.at || one.by - other.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

/**
 * By how many places the worst one came too late: how many that were made in a later second went before it.
 * @param order names, as they were started.
 */
export function placesOff(order: readonly string[], images: readonly KubeObject[]): number {
  const made = new Map(
    images.map(({ metadata }) => [metadata.name, Date.parse(metadata.creationTimestamp ?? '')]),
  );
  const times = order.map((name) => made.get(name) ?? Number.NaN);
  return Math.max(
    0,
    ...times.map((time, place) => times.slice(0, place).filter((earlier) => earlier > time).length),
  );
}
