import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { imagesToRemove } from '../../../cli/up/plan.ts';

const applied = (name: string, file: string | undefined) => ({ namespace: 'default', name, file });
const inFolder = (file: string) => file.startsWith('/images/');

describe('which images go', () => {
  const rows: readonly {
    readonly reason: string;
    readonly existing: readonly ReturnType<typeof applied>[];
    readonly wanted?: readonly string[];
    readonly bad?: readonly string[];
    readonly gone: readonly string[];
  }[] = [
    {
      reason: 'one that its file still holds stays',
      existing: [applied('a', '/images/a')],
      wanted: ['a'],
      gone: [],
    },
    { reason: 'one whose file no longer holds it goes', existing: [applied('a', '/images/a')], gone: ['a'] },
    {
      reason: 'one that moved to another file stays',
      existing: [applied('a', '/images/a')],
      wanted: ['a'],
      gone: [],
    },
    {
      reason: 'one whose file has a problem stays',
      existing: [applied('a', '/images/a')],
      bad: ['/images/a'],
      gone: [],
    },
    { reason: 'one from a file that was not named stays', existing: [applied('a', '/else/a')], gone: [] },
    { reason: 'one that came from no file stays', existing: [applied('a', undefined)], gone: [] },
  ];
  for (const { reason, existing, wanted = [], bad = [], gone } of rows)
    test(reason, () => {
      const removed = imagesToRemove(
        existing,
        wanted.map((name) => ({ namespace: 'default', name })),
        bad.map((file) => ({ file })),
        inFolder,
      );
      assert.deepEqual(
        removed.map(({ name }) => name),
        gone,
      );
    });
});
