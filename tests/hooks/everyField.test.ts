import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pathText } from '../../hooks/resource/problem.ts';
import { readSchema, type Schema } from '../../hooks/resource/schema.ts';
import { validateNixImage } from '../../hooks/resource/validate.ts';
import { manifest } from './support/manifest.ts';

type Path = readonly (string | number)[];

interface Field {
  readonly path: Path;
  readonly schema: Schema;
}

/** Each field that has none below it, as the first entry of each list. */
function leaves(schema: Schema, path: Path): Field[] {
  if (schema.items !== undefined) return leaves(schema.items, [...path, 0]);
  if (schema.properties === undefined) return [{ path, schema }];
  return Object.entries(schema.properties).flatMap(([name, each]) => leaves(each, [...path, name]));
}

function takesAny(schema: Schema): boolean {
  return schema['type'] === undefined && schema['x-kubernetes-preserve-unknown-fields'] === true;
}

/** An object that holds the value at the path, and nothing else. */
function holding([first, ...rest]: Path, value: unknown): unknown {
  if (first === undefined) return value;
  const held = holding(rest, value);
  return typeof first === 'number' ? [held] : { [first]: held };
}

describe('each field refuses a value of another type, and the sentence names the field', () => {
  const fields = leaves(readSchema().properties?.['data'] ?? {}, []).filter(
    ({ schema }) => !takesAny(schema),
  );

  test('there are fields', () => assert.ok(fields.length > 90, `${fields.length}`));

  for (const { path, schema } of fields) {
    const name = pathText(['data', ...path]);
    test(name, () => {
      // A map is no text, and whatever else there is is no map.
      const other = schema['type'] === 'object' ? 'a text' : {};
      const validated = validateNixImage(manifest(holding(path, other)));
      assert.ok(!validated.ok);
      const said = validated.problems.filter((problem) => pathText(problem.path) === name);
      assert.equal(said.length, 1, JSON.stringify(validated.problems));
      assert.ok(said[0]?.message.startsWith(`${name} `), said[0]?.message);
    });
  }
});
