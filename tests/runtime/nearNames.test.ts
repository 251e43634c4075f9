import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { nearNames, slipsBetween } from '../../runtime/nearNames.ts';

describe('nearNames', () => {
  const names = ['bash', 'curl', 'curlie', 'curlFull', 'jq', 'yq', 'git', 'python3', 'wget', 'go'];
  const rows: readonly { reason: string; name: string; want: readonly string[] }[] = [
    { reason: 'two letters exchanged', name: 'crul', want: ['curl'] },
    { reason: 'another case', name: 'Bash', want: ['bash'] },
    { reason: 'a letter missing', name: 'pyton3', want: ['python3'] },
    { reason: 'the nearest first; a short name allows one slip', name: 'jqq', want: ['jq'] },
    { reason: 'nothing near', name: 'kubernetes', want: [] },
  ];
  for (const { reason, name, want } of rows)
    test(reason, () => assert.deepEqual(nearNames(name, names), want));

  test('the distance is symmetric, zero for equals, and one slip is one', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, fc.nat(8), (a, b, at) => {
        assert.equal(slipsBetween(a, b, 9), slipsBetween(b, a, 9));
        assert.equal(slipsBetween(a, a, 9), 0);
        assert.equal(slipsBetween(a, `${a.slice(0, at)}é${a.slice(at)}`, 9), 1);
      }),
    );
  });
});
