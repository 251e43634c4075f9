import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type FailureRow, failureRows } from '../support/failureTable.ts';
import { assertTold } from '../support/told.ts';
import { failures } from './support/failures.ts';

describe('what docs/failures.md says of what the hook sees', () => {
  let rows: ReadonlyMap<string, FailureRow>;
  before(async () => {
    rows = await failureRows('What the hook sees');
  });

  for (const [did, cause] of Object.entries(failures))
    test(did, async () => {
      const row = rows.get(did);
      assert.ok(row !== undefined, 'it stands on the page');
      const world = cause();
      assert.ok(world.status !== undefined);
      await assertTold(world.body()['parent'], world.status, row);
    });

  test('nothing else stands there', () => {
    assert.deepEqual([...rows.keys()].toSorted(), Object.keys(failures).toSorted());
  });
});
