import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSchema, type Schema } from '../../hooks/resource/schema.ts';

/** Whether CEL knows a field: all that it holds has a type. */
function isTyped({ type, items, ...schema }: Schema): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return true;
  return typeof type === 'string' && (items === undefined || isTyped(items));
}

/** An API server refuses a definition with a rule about another field, and then knows no NixImage at all. */
test('the rules of data name fields that CEL knows: https://kubernetes.io/docs/reference/using-api/cel/', () => {
  const { properties = {}, ...data } = readSchema().properties?.['data'] ?? {};
  const rules = data['x-kubernetes-validations'];
  assert.ok(Array.isArray(rules) && rules.length > 0);
  const named = rules.flatMap(({ rule }: { rule: string }) =>
    [...rule.matchAll(/\bself\.(\w+)/g)].map(([, name = '']) => name),
  );
  assert.ok(named.length > 0);
  assert.deepEqual(
    named.filter((name) => properties[name] === undefined || !isTyped(properties[name])),
    [],
  );
});
