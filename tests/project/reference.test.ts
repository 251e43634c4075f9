import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { renderExpression } from '../../hooks/expression/render.ts';
import { rules } from '../../hooks/policy/rules.ts';
import { problemsText, validateNixImage } from '../../hooks/resource/validate.ts';
import { failureReasons } from '../../runtime/contract/report.ts';
import { generatePage } from '../../scripts/generate-matrix.ts';
import { fencedBlocks } from './fencedBlocks.ts';
import { projectFolder, trackedFiles } from './trackedFiles.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** The first column of the table under a heading, without its backticks. */
function firstColumn(markdown: string, heading: string): string[] {
  const section = markdown.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name);
}

/** The schema of version v1 in the CustomResourceDefinition of NixImage, wherever it stands under metacontroller/. */
async function readSchema(): Promise<Schema> {
  const manifests = (await trackedFiles()).filter((path) => /^metacontroller\/.*\.ya?ml$/.test(path));
  for (const path of manifests)
    for (const document of parseAllDocuments(await readFile(projectFolder + path, 'utf8'))) {
      if (document.getIn(['spec', 'names', 'kind']) !== 'NixImage') continue;
      const value = document.toJS() as {
        spec: { versions: { name: string; schema: { openAPIV3Schema: Schema } }[] };
      };
      const version = value.spec.versions.find(({ name }) => name === 'v1');
      if (version !== undefined) return version.schema.openAPIV3Schema;
    }
  throw new Error('no file under metacontroller/ holds the CustomResourceDefinition of NixImage');
}

/** Paths of a schema's fields; a field is followed into its own fields where `deep` says so. */
function fields({ properties = {} }: Schema, prefix: string, deep: (path: string) => boolean): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = prefix + name;
    return deep(path) ? fields(schema, `${path}.`, deep) : [path];
  });
}

describe('docs/reference.md', () => {
  let page: string;
  before(async () => {
    page = await readFile(`${projectFolder}docs/reference.md`, 'utf8');
  });

  test('lists the fields of the manifest, no more and no fewer', async () => {
    const { properties = {} } = await readSchema();
    const own = fields(properties['data'] ?? {}, 'data.', (path) => path === 'data.config');
    assert.ok(own.length > 0);
    assert.deepEqual(firstColumn(page, 'The manifest').toSorted(), own.toSorted());
  });

  test('lists the fields of the status, no more and no fewer', async () => {
    const { properties = {} } = await readSchema();
    const own = fields(properties['status'] ?? {}, '', () => false);
    assert.ok(own.length > 0);
    assert.deepEqual(firstColumn(page, 'The status').toSorted(), own.toSorted());
  });

  test('lists the rules of a policy, and whether they hold by default', () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| .* \| (allowed|refused) \|$/gm)];
    assert.deepEqual(
      rows.map(([, name, byDefault]) => ({ name, byDefault: byDefault === 'allowed' })),
      rules.map(({ name, byDefault }) => ({ name, byDefault })),
    );
  });

  test('lists the reasons of a failure, no more and no fewer', () => {
    assert.deepEqual(firstColumn(page, 'Reasons of a failure').toSorted(), failureReasons.toSorted());
  });

  test('tells which test proves what, as the CRD and tests/proofs.yaml say; `npm run generate` makes it', async () => {
    assert.equal(page, await generatePage());
  });

  test('shows manifests that keep every rule', async () => {
    const blocks = fencedBlocks(page).filter(({ language }) => language === 'yaml');
    assert.ok(blocks.length > 1);
    for (const { text, line } of blocks) {
      const objects = parseAllDocuments(text).map((document) => document.toJS() as { kind: string });
      for (const object of objects.filter(({ kind }) => kind === 'NixImage')) {
        const validated = validateNixImage(object);
        assert.ok(validated.ok, `line ${line}: ${validated.ok ? '' : problemsText(validated.problems)}`);
        assert.match(renderExpression(validated.image, { packageSet: 'nixpkgs' }), /buildLayeredImage/);
      }
    }
  });
});
