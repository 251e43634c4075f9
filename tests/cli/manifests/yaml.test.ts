import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Path, readYaml } from '../../../cli/manifests/yaml.ts';

const read = (text: string) => readYaml({ file: 'x.yaml', text });

describe('YAML is read as kubectl reads it', () => {
  const rows: readonly {
    readonly reason: string;
    readonly text: string;
    readonly values: readonly unknown[];
  }[] = [
    { reason: 'on is a boolean in YAML 1.1', text: 'a: on', values: [{ a: true }] },
    { reason: 'no is a boolean in YAML 1.1', text: 'a: no', values: [{ a: false }] },
    { reason: 'a version is a number', text: 'a: 1.28', values: [{ a: 1.28 }] },
    { reason: 'a quoted version is text', text: 'a: "1.28"', values: [{ a: '1.28' }] },
    { reason: 'a leading zero means octal', text: 'a: 010', values: [{ a: 8 }] },
    { reason: 'base 60 stays text, as in Go', text: 'a: 22:22', values: [{ a: '22:22' }] },
    { reason: 'a date stays text, as in Go', text: 'a: 2026-01-02', values: [{ a: '2026-01-02' }] },
    { reason: 'a key that is a boolean becomes its word', text: 'on: 1', values: [{ true: 1 }] },
    { reason: 'several documents', text: 'a: 1\n---\nb: 2\n', values: [{ a: 1 }, { b: 2 }] },
    {
      reason: 'empty documents are none',
      text: '---\n---\n# only a comment\n---\na: 1\n',
      values: [{ a: 1 }],
    },
    { reason: 'JSON is YAML', text: '{"a": [1, "b", null]}', values: [{ a: [1, 'b', null] }] },
    {
      reason: 'merge keys',
      text: 'x: &x {b: 1}\nz: {<<: *x, c: 2}',
      values: [{ x: { b: 1 }, z: { b: 1, c: 2 } }],
    },
    { reason: 'Windows line ends', text: 'a: 1\r\nb: x\r\n', values: [{ a: 1, b: 'x' }] },
    { reason: 'an empty file holds nothing', text: '', values: [] },
  ];
  for (const { reason, text, values } of rows)
    test(reason, () => {
      const { documents, problems } = read(text);
      assert.deepEqual(problems, []);
      assert.deepEqual(
        documents.map(({ value }) => value),
        values,
      );
    });
});

describe('a place is told for each value', () => {
  const text =
    'kind: NixImage\ndata:\n  tag: 1.28\n  contents:\n    - curl\n    - jq\n  config: {cmd: [sh, -c]}\n';
  const rows: readonly { readonly path: Path; readonly value: string; readonly key: string }[] = [
    { path: ['kind'], value: '1:7', key: '1:1' },
    { path: ['data', 'tag'], value: '3:8', key: '3:3' },
    { path: ['data', 'contents', 1], value: '6:7', key: '6:7' },
    { path: ['data', 'config', 'cmd', 1], value: '7:22', key: '7:22' },
    { path: ['data', 'config'], value: '7:11', key: '7:3' },
    { path: ['data', 'config', 'nothing', 'below'], value: '7:11', key: '7:3' },
    { path: [], value: '1:1', key: '1:1' },
  ];
  for (const { path, value, key } of rows)
    test(`/${path.join('/')}`, () => {
      const [document] = read(text).documents;
      assert.ok(document);
      const show = ({ line, column }: { line: number; column: number }) => `${line}:${column}`;
      assert.equal(show(document.placeOf(path)), value);
      assert.equal(show(document.placeOfKey(path)), key);
    });

  test('a plain scalar is known as it stands in the file, a quoted one is not plain', () => {
    const [document] = read('a: 1.10\nb: "1.10"\nc: [on]\n').documents;
    assert.equal(document?.plainTextOf(['a']), '1.10');
    assert.equal(document?.plainTextOf(['b']), undefined);
    assert.equal(document?.plainTextOf(['c', 0]), 'on');
    assert.equal(document?.plainTextOf(['c']), undefined);
  });
});

describe('what is not YAML is told with its place', () => {
  const rows: readonly {
    readonly reason: string;
    readonly text: string;
    readonly place: string;
    readonly says: RegExp;
  }[] = [
    {
      reason: 'a list that does not end',
      text: 'a: 1\nb: [1, 2\n',
      place: '3:1',
      says: /^this is not YAML: /,
    },
    { reason: 'a tab', text: 'a:\n\tb: 1\n', place: '2:1', says: /tab/i },
    { reason: 'one key twice', text: 'a: 1\na: 2\n', place: '2:1', says: /unique/ },
    { reason: 'an alias of nothing', text: 'a: *b\n', place: '1:4', says: /alias/ },
    {
      reason: 'a bomb of aliases',
      text: `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(',')}]\n`).join('')}`,
      place: '1:1',
      says: /multiply/,
    },
  ];
  for (const { reason, text, place, says } of rows)
    test(reason, () => {
      const [problem] = read(text).problems;
      assert.ok(problem, 'a problem is told');
      assert.match(problem.message, says);
      assert.equal(`${problem.place?.line}:${problem.place?.column}`, place);
    });

  test('documents after a broken one are still read', () => {
    const { documents, problems } = read('a: [\n---\nb: 1\n');
    assert.equal(problems.length, 1);
    assert.deepEqual(
      documents.map(({ value }) => value),
      [{ b: 1 }],
    );
  });
});

test('any JSON text gives back its value', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 }),
      (value) => {
        const text = JSON.stringify(value);
        const { documents, problems } = read(text);
        assert.deepEqual(problems, []);
        assert.deepEqual(JSON.stringify(documents[0]?.value), text);
      },
    ),
  );
});

test('no text makes the reader throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      read(text);
    }),
  );
});
