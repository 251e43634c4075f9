import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildNews } from '../../hooks/status/buildNews.ts';

describe('what the registry is to say of an image', () => {
  const failure = { reason: 'UnknownAttribute', message: 'curll is no package' };
  const rows: readonly {
    readonly reason: string;
    readonly before: unknown;
    readonly now: unknown;
    readonly want: unknown;
  }[] = [
    { reason: 'it is new', before: undefined, now: { state: 'BuildPending' }, want: { state: 'Queued' } },
    {
      reason: 'its build begins',
      before: { state: 'BuildPending' },
      now: { state: 'Building' },
      want: { state: 'Building' },
    },
    {
      reason: 'it was said before',
      before: { state: 'Building' },
      now: { state: 'Building' },
      want: undefined,
    },
    {
      reason: 'it was said of an earlier manifest, which may have had another tag',
      before: { state: 'Building', observedGeneration: 1 },
      now: { state: 'Building', observedGeneration: 2 },
      want: { state: 'Building' },
    },
    {
      reason: 'it failed',
      before: { state: 'Building' },
      now: { state: 'Failed', failure },
      want: { state: 'Failed', message: 'curll is no package' },
    },
    { reason: 'it is served', before: { state: 'Building' }, now: { state: 'Built' }, want: undefined },
    { reason: 'there is no status', before: undefined, now: undefined, want: undefined },
  ];
  for (const { reason, before, now, want } of rows)
    test(reason, () => assert.deepEqual(buildNews(before, now), want));
});
