import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ActivityLine } from '../../../cli/terminal/activityLine.ts';
import type { Activity } from '../../../runtime/contract/progress.ts';

const erase = '\r\u001b[2K';

function shown(
  terminal: { readonly isTTY?: boolean; readonly columns?: number },
  steps: readonly (readonly [at: number, activity: Activity])[],
): string[] {
  const written: string[] = [];
  let now = 0;
  const line = new ActivityLine({ ...terminal, write: (text) => written.push(text) }, () => now);
  for (const [at, activity] of steps) {
    now = at;
    line.show(activity);
  }
  return written;
}

const writing = (done: number, bytes: number): Activity => ({
  kind: 'WritingLayers',
  done,
  expected: 8,
  bytes,
});

describe('the line that tells what a build does', () => {
  const terminal = { isTTY: true, columns: 80 };
  const rows: readonly {
    readonly reason: string;
    readonly terminal: { readonly isTTY?: boolean; readonly columns?: number };
    readonly steps: readonly (readonly [number, Activity])[];
    readonly want: readonly string[];
  }[] = [
    {
      reason: 'a bar where it is known how much there is to do',
      terminal,
      steps: [
        [0, { kind: 'Evaluating' }],
        [1, writing(0, 0)],
        [200, writing(4, 12_400_000)],
        [400, writing(8, 99_000_000)],
      ],
      want: [
        `${erase}evaluating`,
        `${erase}[------------------------] writing layers 0 of 8`,
        `${erase}[############------------] writing layers 4 of 8 (12 MB)`,
        `${erase}[########################] writing layers 8 of 8 (99 MB)`,
      ],
    },
    {
      reason: 'the same kind of work is drawn ten times a second at most, another kind at once',
      terminal,
      steps: [
        [0, writing(0, 0)],
        [50, writing(1, 0)],
        [99, writing(2, 0)],
        [100, writing(3, 0)],
        [101, { kind: 'Publishing' }],
      ],
      want: [
        `${erase}[------------------------] writing layers 0 of 8`,
        `${erase}[#########---------------] writing layers 3 of 8`,
        `${erase}publishing`,
      ],
    },
    {
      reason: 'nothing to do has no bar, and more done than expected fills it',
      terminal,
      steps: [
        [0, { kind: 'Fetching', done: 0, expected: 0 }],
        [100, { kind: 'Fetching', done: 3, expected: 2 }],
      ],
      want: [`${erase}fetching 0 of 0`, `${erase}[########################] fetching 3 of 2`],
    },
    {
      reason: 'a narrow window has the words, cut to its width',
      terminal: { isTTY: true, columns: 20 },
      steps: [[0, { kind: 'Building', done: 1, expected: 2, name: 'curl-8.5.0' }]],
      want: [`${erase}building 1 of 2 ...`],
    },
    {
      reason: 'what a package is called cannot steer the terminal',
      terminal,
      steps: [[0, { kind: 'Building', done: 0, expected: 1, name: 'x\u001b[2J' }]],
      want: [`${erase}[------------------------] building 0 of 1 (x [2J)`],
    },
    {
      reason: 'where there is no terminal, a line for each kind of work',
      terminal: {},
      steps: [
        [0, { kind: 'Evaluating' }],
        [500, writing(0, 0)],
        [1000, writing(4, 5_000_000)],
        [1500, { kind: 'Publishing' }],
      ],
      want: ['evaluating\n', 'writing layers 0 of 8\n', 'publishing\n'],
    },
  ];
  for (const { reason, terminal: output, steps, want } of rows)
    test(reason, () => assert.deepEqual(shown(output, steps), want));
});
