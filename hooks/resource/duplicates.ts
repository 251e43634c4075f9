import { type Problem, pathText } from './problem.ts';
import type { Schema } from './schema.ts';

type Path = readonly (string | number)[];

/**
 * Entries that a list holds twice, where the schema says that it is a set or a map:
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */
export function duplicateProblems(path: Path, value: unknown, schema: Schema): Problem[] {
  if (Array.isArray(value)) {
    const name = keyOf(schema);
    const { items } = schema;
    return [
      ...(name === undefined ? [] : repeated(path, value.map(name))),
      ...(items?.properties === undefined
        ? []
        : value.flatMap((each: unknown, index) => duplicateProblems([...path, index], each, items))),
    ];
  }
  const { properties } = schema;
  if (properties === undefined || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const part = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return part === undefined ? [] : duplicateProblems([...path, name], each, part);
  });
}

/** What an entry of the list is known by; undefined where it may come twice. */
function keyOf(schema: Schema): ((entry: unknown) => string) | undefined {
  const keys = schema['x-kubernetes-list-map-keys'];
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return (entry) => JSON.stringify(entry);
    case 'map':
      return (entry) =>
        (Array.isArray(keys) ? keys : []).map((key) => JSON.stringify(field(entry, String(key)))).join(' ');
    default:
      return undefined;
  }
}

function repeated(path: Path, keys: readonly string[]): Problem[] {
  const seen = new Set<string>();
  return keys.flatMap((key, index) => {
    const isNew = !seen.has(key);
    seen.add(key);
    if (isNew) return [];
    const place = [...path, index];
    return [{ path: place, message: `${pathText(place)} is ${key} once more; name it once` }];
  });
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
