import { field, readPath } from '../readPath.ts';
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
  const versions = field(field(crd, 'spec'), 'versions');
  const found = Array.isArray(versions)
    ? versions.find((each) => field(each, 'name') === version)
    : undefined;
  const columns = field(found, 'additionalPrinterColumns');
  if (!Array.isArray(columns)) return [];
  return columns.map((column) => ({
    name: textOf(field(column, 'name')),
    type: textOf(field(column, 'type')),
    jsonPath: textOf(field(column, 'jsonPath')),
    priority: Number(field(column, 'priority') ?? 0),
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
    textOf(readPath(object, '.metadata.name')),
    ...shown.map((column) => cell(object, column, now)),
  ]);
  return [header, ...rows];
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cell(object: unknown, { jsonPath, type }: PrinterColumn, now: number): string {
  const value = readPath(object, jsonPath);
  if (value === undefined || value === null) return '';
  if (type !== 'date') return textOf(value);
  const since = Date.parse(textOf(value));
  return Number.isNaN(since) ? '<invalid>' : humanDuration(now - since);
}
