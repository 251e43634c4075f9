import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { readImages } from '../../../cli/manifests/images.ts';
import { formatProblem } from '../../../cli/manifests/problem.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const head = 'apiVersion: k8s.nixos.org/v1\nkind: NixImage\nmetadata:\n  name: x\n';
const project = join(import.meta.dirname, '..', '..', '..');

async function read(t: Parameters<typeof temporaryFolder>[0], files: Readonly<Record<string, string>>) {
  const cwd = await temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  return await readImages(Object.keys(files), { cwd, stdin: Readable.from([]) });
}

test('every example keeps every rule', async () => {
  const { images, problems } = await readImages(['examples'], { cwd: project, stdin: Readable.from([]) });
  assert.deepEqual(problems, []);
  assert.ok(
    images.some(({ image: { namespace, name } }) => namespace === 'default' && name === 'curl-and-jq'),
  );
});

describe('a problem is told where it stands', () => {
  const rows: readonly { readonly reason: string; readonly text: string; readonly says: RegExp }[] = [
    {
      reason: 'a tag that is a number',
      text: `${head}data:\n  contents: [a]\n  tag: 1.28\n`,
      says: /^x\.yaml:7:8: data\.tag is the number 1\.28 here; quote it: tag: "1\.28"$/,
    },
    {
      reason: 'as it stands, not as it is read',
      text: `${head}data:\n  contents: [a]\n  tag: 1.10\n`,
      says: /the number 1\.10 here; quote it: tag: "1\.10"$/,
    },
    {
      reason: 'a boolean of YAML 1.1',
      text: `${head}data:\n  contents:\n    - a\n    - on\n`,
      says: /^x\.yaml:8:7: data\.contents\[1\] is the boolean true \(which on is in YAML\) here; quote it: "on"$/,
    },
    {
      reason: 'a number that is wrong is not to be quoted',
      text: `${head}data:\n  contents: [a]\n  maxLayers: 1\n`,
      says: /^x\.yaml:7:14: data\.maxLayers is 1; it must be/,
    },
    {
      reason: 'a misspelt field, at its key',
      text: `${head}data:\n  contents: [a]\n  contens: [b]\n`,
      says: /^x\.yaml:7:3: data\.contens is no field here; did you mean contents\?$/,
    },
    {
      reason: 'spec for data',
      text: `${head}spec:\n  contents: [a]\n`,
      says: /^x\.yaml:5:1: spec is no field of a NixImage/,
    },
    {
      reason: 'empty contents',
      text: `${head}data:\n  contents: []\n`,
      says: /^x\.yaml:6:13: data\.contents is empty/,
    },
    {
      reason: 'a name that no image can have',
      text: `${head.replace('name: x', 'name: X Y')}data:\n  contents: [a]\n`,
      says: /^x\.yaml:4:9: metadata\.name is "X Y"/,
    },
    { reason: 'an empty file', text: '\n', says: /^x\.yaml: this file holds no manifest\.$/ },
  ];
  for (const { reason, text, says } of rows)
    test(reason, async (t) => {
      const { images, problems } = await read(t, { 'x.yaml': text });
      assert.equal(images.length, 0);
      const lines = problems.map(formatProblem);
      assert.ok(
        lines.some((line) => says.test(line)),
        lines.join('\n'),
      );
    });
});

test('two manifests of one name are both refused, each with the place of the other', async (t) => {
  const text = `${head}data:\n  contents: [a]\n`;
  const other = `---\n${head.replace('name: x', 'name: z')}data:\n  contents: [a]\n`;
  const { images, problems } = await read(t, { 'a.yaml': text + other, 'b.yaml': text });
  assert.deepEqual(
    images.map(({ image }) => image.name),
    ['z'],
  );
  assert.deepEqual(problems.map(formatProblem), [
    'a.yaml:4:9: the name default/x is used twice, also at b.yaml:4:9; rename or remove one.',
    'b.yaml:4:9: the name default/x is used twice, also at a.yaml:4:9; rename or remove one.',
  ]);
});

test('one name in two namespaces is two images', async (t) => {
  const text = `${head}data:\n  contents: [a]\n`;
  const other = text.replace('name: x', 'name: x\n  namespace: team');
  const { images, problems } = await read(t, { 'a.yaml': `${text}---\n${other}` });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    images.map(({ image }) => image.namespace),
    ['default', 'team'],
  );
});
