import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { contentsOf } from '../../builder/nix/contents.ts';
import { nearNames, slipsBetween } from '../../builder/nix/nearNames.ts';
import { packageNameOf } from '../../builder/nix/storePath.ts';

describe('contentsOf', () => {
  const rows: readonly { reason: string; text: string; want: readonly string[] }[] = [
    {
      reason: 'the manifest of the README',
      text: '{ contents = with pkgs; [ curl jq bash ]; }',
      want: ['curl', 'jq', 'bash'],
    },
    {
      reason: 'a path',
      text: 'contents = with pkgs; [ python3Packages.requests curl.dev ];',
      want: ['python3Packages.requests', 'curl.dev'],
    },
    {
      reason: 'quoted names',
      text: 'contents = with pkgs; [ pkgs."map" pkgs."my.pkg" pkgs.curl ];',
      want: ['map', '"my.pkg"', 'curl'],
    },
    {
      reason: 'one a line, with comments',
      text: 'contents = with pkgs; [\n  curl # not jq\n  /* jq */ bash\n];',
      want: ['curl', 'bash'],
    },
    {
      reason: 'an entry in parentheses keeps its place',
      text: 'contents = [ (f { a = [ 1 ]; }) curl ];',
      want: ['( f { a = [ 1 ] ; } )', 'curl'],
    },
    {
      reason: 'a list that follows is not taken for contents',
      text: 'contents = x; config.Cmd = [ "a" ];',
      want: [],
    },
    {
      reason: 'the word in a string is none',
      text: '{ name = "contents = [ x ]"; contents = [ pkgs.jq ]; }',
      want: ['jq'],
    },
    {
      reason: 'the word in an indented string is none',
      text: "{ a = ''contents = [ x ]''; contents = [ pkgs.jq ]; }",
      want: ['jq'],
    },
    { reason: 'empty', text: 'contents = [ ];', want: [] },
    { reason: 'no contents', text: '{ }', want: [] },
  ];
  for (const { reason, text, want } of rows)
    test(reason, () =>
      assert.deepEqual(
        contentsOf(text).map((entry) => entry.name),
        want,
      ),
    );

  test('no text stops it', () => {
    const piece = fc.constantFrom(
      'contents',
      '=',
      '[',
      ']',
      '(',
      ')',
      '"',
      "''",
      ';',
      'with',
      'pkgs',
      '.',
      '#',
      '\n',
      '/*',
      '\\',
      'é',
    );
    fc.assert(fc.property(fc.array(piece), (pieces) => Array.isArray(contentsOf(pieces.join(' ')))));
  });

  test('identifiers come back as they are, in their order', () => {
    const name = fc.stringMatching(/^[a-z_][a-zA-Z0-9_'-]{0,12}$/);
    fc.assert(
      fc.property(fc.array(name), (names) => {
        assert.deepEqual(
          contentsOf(`contents = with pkgs; [ ${names.map((each) => `pkgs.${each}`).join('\n')} ];`).map(
            (entry) => entry.path,
          ),
          names.map((each) => [each]),
        );
      }),
    );
  });
});

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

test('packageNameOf', () => {
  assert.equal(packageNameOf('/nix/store/fzlg7n735qn39yl371ngc50bf744r67w-curl-8.5.0.drv'), 'curl-8.5.0');
  assert.equal(packageNameOf('curl'), 'curl');
});
