import { nearNames } from '../../runtime/nearNames.ts';
import type { Place, Problem } from './problem.ts';
import type { Path, YamlDocument } from './yaml.ts';

/** A manifest that says it is a NixImage; whether its fields are right is not known yet. */
export interface ImageDocument {
  readonly file: string;
  readonly value: Readonly<Record<string, unknown>>;
  placeOf(path: Path): Place;
  placeOfKey(path: Path): Place;
  plainTextOf(path: Path): string | undefined;
}

const apiVersion = 'k8s.nixos.org/v1';
const kind = 'NixImage';

/** A ConfigMap that an image may be made from. */
export interface ConfigMapDocument {
  readonly namespace: string;
  readonly name: string;
  readonly texts: Readonly<Record<string, string>>;
}

/** The images among the documents, those in a `kind: List` too, and ConfigMaps; all others are problems. */
export function imageDocuments(documents: readonly YamlDocument[]): {
  readonly images: readonly ImageDocument[];
  readonly configMaps: readonly ConfigMapDocument[];
  readonly problems: readonly Problem[];
} {
  const images: ImageDocument[] = [];
  const configMaps: ConfigMapDocument[] = [];
  const problems: Problem[] = [];
  for (const document of documents)
    for (const read of readDocument(document, document.value, []))
      if ('value' in read) images.push(read);
      else if ('texts' in read) configMaps.push(read);
      else problems.push(read);
  return { images, configMaps, problems };
}

function readDocument(
  document: YamlDocument,
  value: unknown,
  at: Path,
): readonly (ImageDocument | ConfigMapDocument | Problem)[] {
  const { file } = document;
  const problem = (path: Path, message: string): Problem[] => [
    { file, place: document.placeOf([...at, ...path]), message },
  ];
  if (!isRecord(value)) return problem([], `a manifest is a map of fields, and this is ${describe(value)}.`);
  const { kind: ownKind, apiVersion: ownVersion } = value;
  if (ownKind === undefined)
    return problem(
      [],
      `this manifest has no kind; an image has apiVersion: ${apiVersion} and kind: ${kind}.`,
    );
  if (ownKind === 'List' || ownKind === `${kind}List`) {
    const { items } = value;
    if (!Array.isArray(items)) return problem(['items'], `a ${ownKind} needs items, a list of manifests.`);
    return items.flatMap((item, index) => readDocument(document, item, [...at, 'items', index]));
  }
  if (ownKind === 'ConfigMap' && ownVersion === 'v1') return [configMapOf(value)];
  if (ownKind !== kind) return problem(['kind'], foreignKind(ownKind, ownVersion));
  if (ownVersion !== apiVersion)
    return problem(
      ['apiVersion'],
      `${kind} is known as ${apiVersion} here, not ${ownVersion === undefined ? 'without an apiVersion' : describe(ownVersion)}; write apiVersion: ${apiVersion}.`,
    );
  return [
    {
      file,
      value,
      placeOf: (path) => document.placeOf([...at, ...path]),
      placeOfKey: (path) => document.placeOfKey([...at, ...path]),
      plainTextOf: (path) => document.plainTextOf([...at, ...path]),
    },
  ];
}

/** What kubectl would refuse of it is passed over: nothing can be made from it then. */
function configMapOf({ metadata, data }: Readonly<Record<string, unknown>>): ConfigMapDocument {
  const { name, namespace } = isRecord(metadata) ? metadata : {};
  const texts = Object.entries(isRecord(data) ? data : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    name: typeof name === 'string' ? name : '',
    namespace: typeof namespace === 'string' ? namespace : 'default',
    texts: Object.fromEntries(texts),
  };
}

function foreignKind(ownKind: unknown, ownVersion: unknown): string {
  const name = typeof ownKind === 'string' ? ownKind : describe(ownKind);
  const version = typeof ownVersion === 'string' ? ` (${ownVersion})` : '';
  const meant = nearNames(name, [kind]).length > 0 ? `; did you mean ${kind}?` : '; use kubectl for it.';
  return `${name}${version} is no ${kind} (${apiVersion}), the only kind that is read here${meant}`;
}

/** `the number 1.28`, `a list`: how a value is called in a message. */
export function describe(value: unknown, plainText?: string): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'number':
      return `the number ${plainText ?? value}`;
    case 'boolean':
      return plainText === undefined || plainText === String(value)
        ? `the boolean ${value}`
        : `the boolean ${value} (which ${plainText} is in YAML)`;
    case 'string':
      return value === '' ? 'empty' : JSON.stringify(value);
    default:
      return 'a map';
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
