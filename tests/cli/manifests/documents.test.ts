import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { imageDocuments } from '../../../cli/manifests/documents.ts';
import { formatProblem, problemReport } from '../../../cli/manifests/problem.ts';
import { readYaml } from '../../../cli/manifests/yaml.ts';

const read = (text: string) => imageDocuments(readYaml({ file: 'x.yaml', text }).documents);
const image = 'apiVersion: k8s.nixos.org/v1\nkind: NixImage\n';

describe('documents that are no image are told', () => {
  const rows: readonly { readonly text: string; readonly says: RegExp }[] = [
    { text: '- a\n', says: /^x\.yaml:1:1: a manifest is a map of fields, and this is a list\.$/ },
    { text: 'words\n', says: /this is "words"/ },
    { text: 'data: {}\n', says: /^x\.yaml:1:1: this manifest has no kind; an image has apiVersion/ },
    { text: 'kind: Pod\napiVersion: v1\n', says: /^x\.yaml:1:7: Pod \(v1\) is no NixImage .* use kubectl/ },
    { text: 'kind: NixImge\n', says: /did you mean NixImage\?/ },
    { text: 'kind: 5\n', says: /the number 5 is no NixImage/ },
    {
      text: 'kind: NixImage\napiVersion: v2\n',
      says: /^x\.yaml:2:13: NixImage is known as k8s\.nixos\.org\/v1 here, not "v2"/,
    },
    { text: 'kind: NixImage\n', says: /not without an apiVersion/ },
    { text: 'kind: List\nitems: 5\n', says: /^x\.yaml:2:8: a List needs items/ },
    { text: `kind: List\nitems:\n  - kind: Pod\n`, says: /^x\.yaml:3:11: Pod is no NixImage/ },
  ];
  for (const { text, says } of rows)
    test(JSON.stringify(text), () => {
      const { images, problems } = read(text);
      assert.equal(images.length, 0);
      assert.equal(problems.length, 1);
      assert.match(problems.map(formatProblem).join('\n'), says);
    });
});

test('the images of a List keep their places', () => {
  const text = `kind: List\napiVersion: v1\nitems:\n- ${image.replace('\n', '\n  ')}  data:\n    tag: 1.28\n`;
  const { images, problems } = read(text);
  assert.deepEqual(problems, []);
  assert.deepEqual(images[0]?.placeOf(['data', 'tag']), { line: 7, column: 10 });
  assert.equal(images[0]?.plainTextOf(['data', 'tag']), '1.28');
});

test('problems are told in the order of the files and their lines, the count last', () => {
  const report = problemReport([
    { file: 'b.yaml', place: { line: 10, column: 1 }, message: 'second.' },
    { file: 'a.yaml', message: 'third.' },
    { file: 'b.yaml', place: { line: 9, column: 3 }, message: 'first.' },
  ]);
  assert.equal(report, 'b.yaml:9:3: first.\nb.yaml:10:1: second.\na.yaml: third.\n3 problems\n');
});
