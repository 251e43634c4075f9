import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failureRows } from '../../scripts/matrix/failures.ts';
import { parameters } from '../../scripts/matrix/parameters.ts';
import { type ProofFile, proofsOf } from '../../scripts/matrix/proofs.ts';
import { links, table } from '../../scripts/matrix/table.ts';

const own = 'tests/scripts/matrix.test.ts';
const covers = (said: string, subject: string): boolean => said === subject || subject.startsWith(`${said}.`);

describe('which test proves what', () => {
  const title = 'a test that proves all below it';

  test(title, async () => {
    const proofs = await proofsOf({ [own]: { [title]: ['a', 'b.c'] } }, ['a.x', 'a.y', 'b.c', 'd'], covers);
    const named = [...proofs].filter(([, tests]) => tests.length > 0).map(([subject]) => subject);
    assert.deepEqual(named, ['a.x', 'a.y', 'b.c']);
    assert.deepEqual(proofs.get('a.x'), [{ file: own, title }]);
  });

  for (const count of [1, 2])
    test(`a title that ${count} of a template gives is known`, async () => {
      const listed = { [own]: { 'a title that 2 of a template gives is known': ['a'] } };
      assert.equal((await proofsOf(listed, ['a'], covers)).get('a')?.length, 1, String(count));
    });

  const rows: { reason: string; listed: ProofFile; says: RegExp }[] = [
    {
      reason: 'no such test',
      listed: { [own]: { [['a test', 'that nobody wrote'].join(' ')]: ['a'] } },
      says: /matrix\.test\.ts has no test "a test that/,
    },
    {
      reason: 'a part of a title',
      listed: { [own]: { [title.slice(0, -1)]: ['a'] } },
      says: /has no test/,
    },
    { reason: 'no such file', listed: { 'tests/nowhere.test.ts': { [title]: ['a'] } }, says: /ENOENT/ },
    {
      reason: 'no such subject',
      listed: { [own]: { [title]: ['ab'] } },
      says: /is said to prove ab, which is not there/,
    },
  ];
  for (const { reason, listed, says } of rows)
    test(`${reason} is refused`, () => assert.rejects(proofsOf(listed, ['a'], covers), says));
});

test('the parameters of a schema, and what each may be', () => {
  const found = parameters({
    type: 'object',
    properties: {
      tag: { type: 'string', maxLength: 1280, default: 'latest' },
      kind: { type: 'string', enum: ['a', 'b', 'c'] },
      port: { 'x-kubernetes-int-or-string': true, minimum: 1, maximum: 65_535 },
      list: {
        type: 'array',
        maxItems: 3,
        items: { type: 'object', properties: { on: { type: 'boolean' } } },
      },
      words: { type: 'array', maxItems: 3, items: { type: 'string' } },
      map: { type: 'object', additionalProperties: { type: 'integer' } },
    },
  });
  assert.deepEqual(found, [
    { path: 'tag', rule: 'text, up to 1,280 characters; default `latest`' },
    { path: 'kind', rule: '`a`, `b` or `c`' },
    { path: 'port', rule: 'number or text, 1 to 65,535' },
    { path: 'list.on', rule: '`true` or `false`' },
    { path: 'words', rule: 'list of text; at most 3' },
    { path: 'map', rule: 'map of number' },
  ]);
});

test('rows of failures, by their heading', () => {
  const page =
    '# F\n\n## A\n| did | s | r | m | do |\n|---|---|---|---|---|\n| x `y` | `S` | `R` | `m \\| n` | z |\n\n## B\n';
  assert.deepEqual(failureRows(page, 'A'), [{ did: 'x `y`', reason: 'R' }]);
  assert.deepEqual(failureRows(page, 'B'), []);
});

test('a table, with links that Markdown does not take for something else', () => {
  const proofs = new Map([['a', [{ file: 'tests/a.test.ts', title: 'a [b] | `c`' }]]]);
  assert.equal(
    table(['one', 'two'], [['a', links(proofs, 'a')]]),
    '| one | two |\n|---|---|\n| a | [a \\[b\\] \\| \\`c\\`](../tests/a.test.ts) |',
  );
  assert.equal(links(proofs, 'b'), '-');
});
