import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Selection, selectRange } from '../../registry/serve/range.ts';

const whole: Selection = { kind: 'Whole' };
const none: Selection = { kind: 'Unsatisfiable' };
const part = (first: number, last: number): Selection => ({ kind: 'Part', range: { first, last } });

describe('what a Range header asks of ten bytes', () => {
  const rows: readonly { readonly header?: string; readonly want: Selection; readonly reason: string }[] = [
    { want: whole, reason: 'no header' },
    { header: 'bytes=0-4', want: part(0, 4), reason: 'the first five' },
    { header: 'bytes=3-', want: part(3, 9), reason: 'open-ended, as a client resumes' },
    { header: 'bytes=-3', want: part(7, 9), reason: 'the last three' },
    { header: 'bytes=-30', want: part(0, 9), reason: 'a suffix longer than the content' },
    { header: 'bytes=5-500', want: part(5, 9), reason: 'the end is cut' },
    { header: 'BYTES= 0-0', want: part(0, 0), reason: 'the unit has no case' },
    { header: 'bytes=10-', want: none, reason: 'behind the last byte' },
    { header: 'bytes=-0', want: none, reason: 'the last none' },
    { header: 'bytes=11-,12-13', want: none, reason: 'no part is there' },
    { header: 'bytes=4-2', want: none, reason: 'backwards' },
    { header: 'bytes=a-b', want: whole, reason: 'no numbers' },
    { header: 'bytes=-', want: whole, reason: 'nothing' },
    { header: 'bytes=', want: whole, reason: 'nothing' },
    { header: 'lines=0-1', want: whole, reason: 'another unit' },
    { header: 'bytes=0-1,99-', want: part(0, 1), reason: 'one of two is there' },
    {
      header: 'bytes=0-1, -2',
      want: {
        kind: 'Parts',
        ranges: [
          { first: 0, last: 1 },
          { first: 8, last: 9 },
        ],
      },
      reason: 'two parts',
    },
    { header: 'bytes=0-5,3-9', want: whole, reason: 'overlapping parts are more than the whole' },
    { header: `bytes=${'0-0,'.repeat(5000)}1-1`, want: whole, reason: 'thousands of parts' },
    { header: `bytes=0-${'9'.repeat(400)}`, want: whole, reason: 'an absurd number' },
  ];
  for (const { header, want, reason } of rows)
    test(`${reason}: ${header?.slice(0, 40)}`, () => assert.deepEqual(selectRange(header, 10), want));

  test('nothing is in an empty content', () => {
    assert.deepEqual(selectRange('bytes=0-', 0), none);
    assert.deepEqual(selectRange('bytes=-1', 0), none);
  });
});

test('any header selects bytes that are there, each once', () => {
  const spec = fc
    .tuple(fc.option(fc.nat(120), { nil: '' }), fc.option(fc.nat(120), { nil: '' }))
    .map(([first, last]) => `${first}-${last}`);
  const headers = fc.oneof(
    fc.array(spec, { minLength: 1, maxLength: 6 }).map((specs) => `bytes=${specs.join(',')}`),
    fc.string(),
  );
  fc.assert(
    fc.property(headers, fc.nat(100), (header, size) => {
      const selection = selectRange(header, size);
      const ranges =
        selection.kind === 'Part' ? [selection.range] : selection.kind === 'Parts' ? selection.ranges : [];
      const seen = new Set<number>();
      for (const { first, last } of ranges) {
        assert.ok(0 <= first && first <= last && last < size);
        for (let byte = first; byte <= last; byte += 1) {
          assert.ok(!seen.has(byte));
          seen.add(byte);
        }
      }
    }),
    { numRuns: 5000 },
  );
});
