import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { contentsOf } from '../../builder/nix/contents.ts';
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
      reason: 'packages of flakes, among others',
      text: 'contents = with pkgs; [ curl (packagesOf "github:a/b").cli.dev (packagesOf "path:/c")."d e" jq ];',
      want: ['curl', 'github:a/b#cli.dev', 'path:/c#"d e"', 'jq'],
    },
    {
      reason: 'programs with packages of their own, among others',
      text: 'contents = with pkgs; [ curl (python3.withPackages (ps: [ ps.requests ps."a b".c ])) (pkgs."map".x.ghcWithPackages (ps: [ ])) (rWrapper.override { packages = [ rPackages.a ]; }) jq ];',
      want: ['curl', 'python3', 'map.x', 'rWrapper', 'jq'],
    },
    {
      reason: 'an attribute of what is in parentheses',
      text: 'contents = [ (f x).out curl ];',
      want: ['( f x ).out', 'curl'],
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

  test('what a program is to have, and what an environment is made of', () => {
    const text =
      'contents = with pkgs; [ (buildEnv { name = "e"; paths = [ curl (python3.withPackages (ps: [ ps.a ps.b.c ])) ]; }) jq ];';
    assert.deepEqual(contentsOf(text), [
      {
        name: 'buildEnv',
        paths: [
          { name: 'curl', path: ['curl'] },
          { name: 'python3', path: ['python3'], members: [['a'], ['b', 'c']] },
        ],
      },
      { name: 'jq', path: ['jq'] },
    ]);
  });

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

test('packageNameOf', () => {
  assert.equal(packageNameOf('/nix/store/fzlg7n735qn39yl371ngc50bf744r67w-curl-8.5.0.drv'), 'curl-8.5.0');
  assert.equal(packageNameOf('curl'), 'curl');
});
