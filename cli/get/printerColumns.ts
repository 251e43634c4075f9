import { humanDuration } from './age.ts';

/** One of a CRD's additionalPrinterColumns (CustomResourceColumnDefinition v1). */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  /** Columns above 0 are shown with `-o wide` only. */
  readonly priority: number;
}

/** The columns that a CRD declares for one of its versions. */
export function printerColumns(crd: unknown, version: string): readonly PrinterColumn[] {
  const versions = step(step(crd, 'spec'), 'versions');
  const found = Array.isArray(versions) ? versions.find((each) => step(each, 'name') === version) : undefined;
  const columns = step(found, 'additionalPrinterColumns');
  if (!Array.isArray(columns)) return [];
  return columns.map((column) => ({
    name: String(step(column, 'name')),
    type: String(step(column, 'type')),
    jsonPath: String(step(column, 'jsonPath')),
    priority: Number(step(column, 'priority') ?? 0),
  }));
}

/** The rows of `kubectl get`: NAME and the columns, the header first. */
export function printObjects(
  objects: readonly unknown[],
  columns: readonly PrinterColumn[],
  { wide, now }: { readonly wide: boolean; readonly now: number },
): string[][] {
  // A column that repeats NAME is left out: kubectl prints the name by itself.
  const shown = columns.filter(
    ({ name, priority }) => (wide || priority === 0) && name.toLowerCase() !== 'name',
  );
  const header = ['NAME', ...shown.map(({ name }) => name.toUpperCase())];
  const rows = objects.map((object) => [
    String(readPath(object, '.metadata.name') ?? ''),
    ...shown.map((column) => cell(object, column, now)),
  ]);
  return [header, ...rows];
}

function cell(object: unknown, { jsonPath, type }: PrinterColumn, now: number): string {
  const value = readPath(object, jsonPath);
  if (value === undefined || value === null) return '';
  if (type !== 'date') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  const since = Date.parse(String(value));
  return Number.isNaN(since) ? '<invalid>' : humanDuration(now - since);
}

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
    const [whole, field, index, key, wanted] = match;
    if (field !== undefined) value = step(value, field);
    else if (index !== undefined) value = Array.isArray(value) ? value[Number(index)] : undefined;
    else value = Array.isArray(value) ? value.find((each) => step(each, key ?? '') === wanted) : undefined;
    rest = rest.slice(whole.length);
  }
  return value;
}

function step(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  // A record by the line above; its values are read as unknown.
  return (value as Readonly<Record<string, unknown>>)[name];
}
