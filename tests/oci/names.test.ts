import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseDigest } from '../../oci/digest.ts';
import { isImageName, isNamespace, isTag, repositoryLimit } from '../../oci/names.ts';

const checks: readonly { readonly name: string; readonly accepts: (text: string) => boolean }[] = [
  { name: 'isTag', accepts: isTag },
  { name: 'isImageName', accepts: isImageName },
  { name: 'isNamespace', accepts: isNamespace },
  { name: 'parseDigest', accepts: (text) => parseDigest(text) !== undefined },
];

/** Texts that are nearly names: of few characters, of which the wrong ones are many. */
const nearly = fc.oneof(
  fc.string(),
  fc.string({
    unit: fc.constantFrom('a', '0', 'Z', '.', '_', '-', '/', '\\', '\n', '\0', ':', '%', ' ', 'é'),
  }),
  fc.constantFrom('..', '.', '', 'a/../b', 'a\n', '\na', '_marker.json', '_trash', 'a\u{0}'),
);

describe('what is taken for a name', () => {
  for (const { name, accepts } of checks)
    test(`${name}: is one step of a path, and leads nowhere else`, () => {
      fc.assert(
        fc.property(nearly, (text) => {
          if (!accepts(text)) return;
          assert.match(text, /^[A-Za-z0-9_][A-Za-z0-9._:-]*$/);
          assert.ok(Buffer.byteLength(text) <= 255);
        }),
        { numRuns: 2000 },
      );
    });

  const rows: readonly (readonly [
    check: (text: string) => boolean,
    text: string,
    wanted: boolean,
    reason: string,
  ])[] = [
    [isTag, 'v1.0_a-B', true, 'all that a tag may have'],
    [isTag, '_', true, 'an underline may begin it'],
    [isTag, '.a', false, 'a dot may not'],
    [isTag, '-a', false, 'nor a hyphen'],
    [isTag, 'a'.repeat(128), true, 'the longest'],
    [isTag, 'a'.repeat(129), false, 'one longer'],
    [isTag, 'a\n', false, 'a line break at its end'],
    [isImageName, 'a__b', true, 'two underlines'],
    [isImageName, 'a___b', false, 'three'],
    [isImageName, 'a--b', true, 'any number of hyphens'],
    [isImageName, 'a..b', false, 'two dots'],
    [isImageName, 'a.', false, 'a dot at its end'],
    [isImageName, 'A', false, 'a capital'],
    [isImageName, 'a/b', false, 'two components'],
    [isImageName, 'a'.repeat(repositoryLimit), true, 'the longest'],
    [isImageName, 'a'.repeat(repositoryLimit + 1), false, 'one longer'],
    [isImageName, 'a'.repeat(50_000), false, 'so long that a careless pattern would take hours'],
    [isImageName, `${'a-'.repeat(127)}!`, false, 'many ways to split it'],
    [isNamespace, 'a'.repeat(63), true, 'the longest'],
    [isNamespace, 'a'.repeat(64), false, 'one longer'],
    [isNamespace, 'a.b', false, 'a label has no dot'],
    [isNamespace, '_trash', false, "the root's own folders begin with an underline"],
  ];
  for (const [check, text, wanted, reason] of rows)
    test(`${check.name}: ${reason}`, () => assert.equal(check(text), wanted));
});
