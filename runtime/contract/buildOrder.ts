import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { CodedError } from '../errors.ts';
import { type PackageSet, packageSets } from './packageSet.ts';
import type { OrderedSource } from './sources.ts';

/** What the hook hands to a builder as its command line: one definition for the side that writes and the side that reads. */
export interface BuildOrder {
  readonly namespace: string;
  /** metadata.name of the NixImage: the repository's last component. */
  readonly name: string;
  readonly tag: string;
  readonly uid: string;
  /** metadata.creationTimestamp of the NixImage, RFC 3339. */
  readonly created: string;
  /** Counts the builds of this NixImage; of two publications of one tag the higher ordinal wins. */
  readonly ordinal: number;
  readonly inputHash: string;
  /** Name of the Pod that builds. */
  readonly pod: string;
  readonly packageSet: PackageSet;
  /** How layers are stored: `zstd`, `gzip` or `none`, with a level after a colon (`zstd:19`); absent is the builder's default. */
  readonly compression?: string;
  /** Whose media types the image has: `oci` (the default) or `docker`. */
  readonly mediaTypes?: string;
  /** Path of the file that holds the Nix expression. */
  readonly expression: string;
  /** What `handedOver` gives for that file and the one of `sourceTexts`. */
  readonly expressionDigest: string;
  /** Nix code to fetch before the expression is evaluated; texts are not in here, but in `sourceTexts`. */
  readonly sources?: readonly OrderedSource[];
  /** Path of the file with the texts of sources (`SourceTexts`), where there are any. */
  readonly sourceTexts?: string;
  /** Path of the namespace's own tree on the shared volume. */
  readonly store: string;
  /** Path of the Pod's termination message. */
  readonly terminationLog: string;
}

const options = {
  namespace: { type: 'string' },
  name: { type: 'string' },
  tag: { type: 'string' },
  uid: { type: 'string' },
  created: { type: 'string' },
  ordinal: { type: 'string' },
  'input-hash': { type: 'string' },
  pod: { type: 'string' },
  'package-set': { type: 'string' },
  compression: { type: 'string' },
  'media-types': { type: 'string' },
  expression: { type: 'string' },
  'expression-digest': { type: 'string' },
  sources: { type: 'string' },
  'source-texts': { type: 'string' },
  store: { type: 'string' },
  'termination-log': { type: 'string' },
} as const;

type OptionName = keyof typeof options;

export class BuildOrderError extends CodedError<'INVALID_BUILD_ORDER'> {
  constructor(message: string, cause?: unknown) {
    super('INVALID_BUILD_ORDER', message, { cause });
  }
}

/** The digest (`sha256:<hex>`) of what a ConfigMap hands to a builder: the expression, and the texts of its sources. */
export function handedOver(expression: string | Buffer, texts?: string | Buffer): string {
  const hash = createHash('sha256').update(expression);
  // No expression holds a NUL, so nothing can be moved from one to the other.
  if (texts !== undefined) hash.update('\0').update(texts);
  return `sha256:${hash.digest('hex')}`;
}

/** The `--option=value` words of a build order, in a fixed order. */
export function buildOrderArguments(order: BuildOrder): string[] {
  const values: Record<OptionName, string | undefined> = {
    namespace: order.namespace,
    name: order.name,
    tag: order.tag,
    uid: order.uid,
    created: order.created,
    ordinal: String(order.ordinal),
    'input-hash': order.inputHash,
    pod: order.pod,
    'package-set': order.packageSet,
    compression: order.compression,
    'media-types': order.mediaTypes,
    expression: order.expression,
    'expression-digest': order.expressionDigest,
    sources: order.sources === undefined ? undefined : JSON.stringify(order.sources),
    'source-texts': order.sourceTexts,
    store: order.store,
    'termination-log': order.terminationLog,
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );
}

/**
 * Reads a build order back.
 * @throws {BuildOrderError} naming the first option that is missing, unknown or malformed.
 */
export function parseBuildOrder(words: readonly string[]): BuildOrder {
  const values = parse(words);
  const need = (name: OptionName): string => {
    const value = values[name];
    if (value === undefined || value === '') throw new BuildOrderError(`the builder needs --${name}`);
    return value;
  };
  const ordinal = Number(need('ordinal'));
  if (!Number.isSafeInteger(ordinal) || ordinal < 1)
    throw new BuildOrderError(`--ordinal must be a whole number from 1, not ${values.ordinal}`);
  const packageSet = packageSets.find((set) => set === need('package-set'));
  if (packageSet === undefined)
    throw new BuildOrderError(`--package-set must be one of ${packageSets.join(', ')}`);
  return {
    namespace: need('namespace'),
    name: need('name'),
    tag: need('tag'),
    uid: need('uid'),
    created: need('created'),
    ordinal,
    inputHash: need('input-hash'),
    pod: need('pod'),
    packageSet,
    ...(values.compression === undefined ? {} : { compression: values.compression }),
    ...(values['media-types'] === undefined ? {} : { mediaTypes: values['media-types'] }),
    expression: need('expression'),
    expressionDigest: need('expression-digest'),
    ...(values.sources === undefined ? {} : { sources: sourcesOf(values.sources) }),
    ...(values['source-texts'] === undefined ? {} : { sourceTexts: values['source-texts'] }),
    store: need('store'),
    terminationLog: need('termination-log'),
  };
}

function sourcesOf(text: string): OrderedSource[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BuildOrderError(`--sources is no JSON: ${String(cause)}`, cause);
  }
  if (!Array.isArray(value)) throw new BuildOrderError('--sources is no list');
  // Written by `buildOrderArguments`; the hook has held each against the schema.
  return value as OrderedSource[];
}

function parse(words: readonly string[]): Partial<Record<OptionName, string>> {
  try {
    return parseArgs({ args: [...words], options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw new BuildOrderError(`the builder's command line cannot be read: ${String(cause)}`, cause);
  }
}
