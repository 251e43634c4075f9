import assert from 'node:assert/strict';
import { printerColumns, printObjects } from '../../cli/get/printerColumns.ts';
import { hookMetrics } from '../../hooks/hookMetrics.ts';
import type { ImageStatus } from '../../hooks/resource/niximage.ts';
import { readDefinition } from '../../hooks/resource/schema.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import type { FailureRow } from './failureTable.ts';

/** What follows the message of a failure that is tried again. */
const nextTry = /; it is tried again at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * Holds what is said of an image against a row of docs/failures.md, wherever it is said: in the status and its
 * conditions, which `kubectl describe` prints, in the line of `kubectl get -o wide` and `niximage get -o wide`, and in
 * the metrics.
 */
export async function assertTold(parent: unknown, status: ImageStatus, row: FailureRow): Promise<void> {
  const [state = '', later] = row.state.split(', then ');
  assert.equal(status.state, state);
  const conditions = new Map((status.conditions ?? []).map((each) => [each.type, each]));
  const ready = conditions.get('Ready');
  assert.ok(ready !== undefined && ready.status !== 'True');
  assert.equal(ready.reason, row.reason);
  if (later !== undefined) assert.match(ready.message, nextTry, 'it says when the next try is');
  assert.match(ready.message.replace(nextTry, ''), row.message);
  if (state === 'Failed') {
    const stalled = conditions.get('Stalled');
    assert.deepEqual([stalled?.status, stalled?.message], ['True', ready.message]);
    assert.deepEqual(
      [status.failure?.reason, status.failure?.message],
      [row.reason, ready.message],
      'the failure says what the conditions say',
    );
  }
  assertLine({ ...Object(parent), status }, ready);
  assert.match(
    await counted(status),
    new RegExp(`state="${state}",reason="${row.reason}"} 1$`, 'm'),
    'the metrics count it by its reason',
  );
}

function assertLine(parent: unknown, { reason, message }: { reason: string; message: string }): void {
  const columns = printerColumns(readDefinition(), 'v1');
  const [header = [], line = []] = printObjects([parent], columns, { wide: true, now: 0 });
  const cell = (name: string): string => line[header.indexOf(name)] ?? '';
  assert.deepEqual([cell('REASON'), cell('MESSAGE')], [reason, message]);
  assert.doesNotMatch(message, /[\n\r\f]/, 'kubectl cuts a cell at its first line');
}

async function counted(status: unknown): Promise<string> {
  const registry = createMetrics();
  hookMetrics(registry).synced(undefined, status);
  return await registry.getSingleMetricAsString('niximage_status_changes_total');
}
