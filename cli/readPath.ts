/**
 * Reads the JSON paths that printer columns use: `.a.b`, `.a[0]`, `.a[?(@.type=="Ready")].status`
 * (https://kubernetes.io/docs/reference/kubectl/jsonpath/). Another form gives undefined.
 */
export function readPath(object: unknown, path: string): unknown {
  let value = object;
  let rest = path;
  while (rest !== '') {
    const match =
      /^(?:\.([A-Za-z0-9_-]+)|\[(\d+)\]|\[\?\(@\.([A-Za-z0-9_-]+)\s*==\s*["']([^"']*)["']\)\])/.exec(rest);
    if (match === null) return undefined;
    const [whole, name, index, key, wanted] = match;
    if (name !== undefined) value = field(value, name);
    else if (index !== undefined) value = Array.isArray(value) ? value[Number(index)] : undefined;
    else value = Array.isArray(value) ? value.find((each) => field(each, key ?? '') === wanted) : undefined;
    rest = rest.slice(whole.length);
  }
  return value;
}

/** The field `name` of a map; undefined where it is no map or has none. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  // A record by the line above; its values are read as unknown.
  return (value as Readonly<Record<string, unknown>>)[name];
}
