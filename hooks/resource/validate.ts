import { Ajv, type ErrorObject } from 'ajv';
import type { PodOptions } from '../children/podOptions.ts';
import { duplicateProblems } from './duplicates.ts';
import { explain } from './explain.ts';
import type { ImageData, NixImage } from './niximage.ts';
import { type Problem, pathText } from './problem.ts';
import { ruleProblems } from './rules.ts';
import { readSchema, type Schema, withoutUnknown } from './schema.ts';

export type Validated =
  | { readonly ok: true; readonly image: NixImage }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const apiVersion = 'k8s.nixos.org/v1';

const schema = readSchema();
const dataSchema = schema.properties?.['data'] ?? {};
// Formats and `x-kubernetes-*` are the API server's; unions of types are its int-or-string.
const formats = { int64: true } as const;
const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: true, verbose: true, formats });
const checkData = ajv.compile<ImageData>(withoutUnknown(dataSchema));
const checkPod = ajv.compile<PodOptions>(withoutUnknown(dataSchema.properties?.['pod'] ?? {}));
const topLevel = ['apiVersion', 'kind', 'metadata', 'data', 'status'];

/**
 * Checks an object by the CRD's schema and rules, as the API server does, and gives it the schema's defaults.
 * All problems are told at once, each in a sentence that names its field.
 */
export function validateNixImage(object: unknown): Validated {
  if (!isObject(object)) return refused([{ path: [], message: 'a NixImage is an object' }]);
  const problems = [...identityProblems(object), ...unknownProblems(object)];
  const { name, namespace } = identityOf(object);
  const data = withDefaults(object['data'], dataSchema);
  if (data === undefined)
    return refused([
      ...problems,
      { path: [], message: 'data is missing; it holds tag and contents: `data: {contents: [curl]}`' },
    ]);
  if (!checkData(data)) {
    const errors = onePlaceOnce(checkData.errors ?? []);
    return refused([...problems, ...errors.map((error) => explain(error, object))]);
  }
  problems.push(...ruleProblems(name, data), ...duplicateProblems(['data'], data, dataSchema));
  return problems.length > 0 ? refused(problems) : { ok: true, image: { name, namespace, data } };
}

/** Whether a value is as `data.pod` may be: what an operator sets for all manifests has the same form. */
export function checkPodOptions(value: unknown): value is PodOptions {
  return checkPod(value);
}

/** The problems in one sentence. */
export function problemsText(problems: readonly Problem[]): string {
  const [first, ...more] = problems;
  if (first === undefined) return '';
  return more.length === 0
    ? first.message
    : `${first.message}; and ${more.length} more: ${more.map(({ path, message }) => pathText(path) || message).join(', ')}`;
}

function refused(problems: readonly Problem[]): Validated {
  return { ok: false, problems };
}

/** A list of unions gives several errors at one place; the first says it. */
function onePlaceOnce(errors: readonly ErrorObject[]): ErrorObject[] {
  const relevant = errors.filter(
    ({ keyword, schemaPath }) => keyword !== 'anyOf' && !schemaPath.includes('/anyOf/1/'),
  );
  const seen = new Set<string>();
  return relevant.filter((error) => {
    const place = `${error.instancePath} ${error.keyword === 'additionalProperties' ? JSON.stringify(error.params) : ''}`;
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}

function identityOf(object: Readonly<Record<string, unknown>>): { name: string; namespace: string } {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const { name, namespace } = { name: metadata['name'], namespace: metadata['namespace'] };
  return {
    name: typeof name === 'string' ? name : '',
    namespace: typeof namespace === 'string' && namespace !== '' ? namespace : 'default',
  };
}

function identityProblems(object: Readonly<Record<string, unknown>>): Problem[] {
  const problems: Problem[] = [];
  if (object['apiVersion'] !== apiVersion)
    problems.push({
      path: ['apiVersion'],
      message: `apiVersion must be ${apiVersion}, not ${shown(object['apiVersion'])}`,
    });
  if (object['kind'] !== 'NixImage')
    problems.push({ path: ['kind'], message: `kind must be NixImage, not ${shown(object['kind'])}` });
  const metadata = object['metadata'];
  if (isObject(metadata) && metadata['name'] !== undefined && typeof metadata['name'] !== 'string')
    problems.push({
      path: ['metadata', 'name'],
      message: `metadata.name is ${shown(metadata['name'])} here, which is no text; quote it`,
    });
  else if (identityOf(object).name === '')
    problems.push({ path: ['metadata'], message: 'metadata.name is missing; it is the name of the image' });
  return problems;
}

function unknownProblems(object: Readonly<Record<string, unknown>>): Problem[] {
  return Object.keys(object)
    .filter((field) => !topLevel.includes(field))
    .map((field) => ({
      path: [field],
      message:
        field === 'spec'
          ? 'spec is no field of a NixImage; what is in it belongs under data'
          : `${field} is no field of a NixImage; it has ${topLevel.slice(2, 4).join(' and ')}`,
    }));
}

/** What the API server stores of an object: absent fields have their defaults, and `null` is absent. */
function withDefaults(value: unknown, part: Schema): unknown {
  if (value === undefined || value === null) return part.default;
  const { items, properties } = part;
  if (Array.isArray(value))
    return items === undefined
      ? value
      : value.map((each: unknown) => (each === null ? each : withDefaults(each, items)));
  if (!isObject(value) || properties === undefined) return value;
  const complete: (readonly [string, unknown])[] = [];
  for (const [name, each] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const found = known === undefined ? each : withDefaults(each, known);
    if (found !== undefined) complete.push([name, found]);
  }
  for (const name of defaultedIn(properties))
    if (value[name] === undefined) complete.push([name, properties[name]?.default]);
  return Object.fromEntries(complete);
}

const defaulted = new WeakMap<object, readonly string[]>();

/** The fields that have a default; asked of each object that is checked, so it is remembered. */
function defaultedIn(properties: NonNullable<Schema['properties']>): readonly string[] {
  const known = defaulted.get(properties);
  if (known !== undefined) return known;
  const names = Object.keys(properties).filter((name) => properties[name]?.default !== undefined);
  defaulted.set(properties, names);
  return names;
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
