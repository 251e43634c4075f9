import { readFile } from 'node:fs/promises';
import { nearNames } from '../../runtime/nearNames.ts';
import { BuildError } from '../errors.ts';
import { type ContentsEntry, contentsOf } from './contents.ts';
import type { NixFailure } from './failure.ts';
import { placeOf } from './place.ts';
import { attributeNames, contentsDerivations, dependentsOf, type NixContext } from './query.ts';
import { allowingSetting } from './refused.ts';
import { packageNameOf } from './storePath.ts';
import { plainText } from './text.ts';

/** Turns a failure of Nix into one that names the entry of `data.contents`, with the words a person needs. */
export async function explain(context: NixContext, failure: NixFailure): Promise<BuildError> {
  const entries = contentsOf(await readFile(context.expression, 'utf8'));
  const entry =
    failure.entry === undefined
      ? await entryOfDerivation(context, entries, failure)
      : entryAt(entries, failure.entry, failure.path);
  const near = await nearTo(context, failure, entry);
  return new BuildError(
    reasonOf(failure, entry),
    messageOfFailure(failure, entry, near, ownPlace(context, failure)),
    {
      ...(entry === undefined ? {} : { attribute: nameOf(entry, failure) }),
      logTail: failure.logTail.map(plainText).join('\n'),
      transient: failure.transient,
    },
  );
}

/** An entry of `contents`, or the one of its `paths` where it is an environment. */
function entryAt(
  entries: readonly ContentsEntry[],
  number: number,
  path: number | undefined,
): ContentsEntry | undefined {
  const entry = entries[number];
  return path === undefined || entry?.paths === undefined ? entry : entry.paths[path];
}

/** A name that is missing somewhere inside of a package is the package's fault, not the user's. */
function isOwnName({ missing }: NixFailure, entry: ContentsEntry | undefined): boolean {
  if (missing === undefined || entry === undefined) return false;
  return entry.path?.includes(missing) === true || memberOf(entry, missing) !== undefined;
}

/** The package that a program is to have, of which a name is missing. */
function memberOf({ path, members = [] }: ContentsEntry, missing: string): readonly string[] | undefined {
  return path?.includes(missing) === true ? undefined : members.find((each) => each.includes(missing));
}

/** `python3: requests` where it is one of the packages that a program is to have. */
function nameOf(entry: ContentsEntry, { missing }: NixFailure): string {
  const member = missing === undefined ? undefined : memberOf(entry, missing);
  return member === undefined ? entry.name : `${entry.name}: ${member.join('.')}`;
}

function reasonOf(failure: NixFailure, entry: ContentsEntry | undefined): NixFailure['reason'] {
  if (failure.reason === 'UnknownAttribute' && !isOwnName(failure, entry)) return 'EvaluationFailed';
  return failure.reason;
}

/** The entry whose build failed: it is the derivation itself, or it needs it. */
async function entryOfDerivation(
  context: NixContext,
  entries: readonly ContentsEntry[],
  failure: NixFailure,
): Promise<ContentsEntry | undefined> {
  if (failure.derivation === undefined) return undefined;
  const derivations = await contentsDerivations(context);
  const itself = entryWhere(entries, derivations, (each) => each === failure.derivation);
  if (itself !== undefined) return itself;
  const dependents = new Set(await dependentsOf(context, failure.derivation));
  return entryWhere(entries, derivations, (each) => each !== null && dependents.has(each));
}

function entryWhere(
  entries: readonly ContentsEntry[],
  derivations: readonly (readonly (string | null)[])[],
  isIt: (derivation: string | null) => boolean,
): ContentsEntry | undefined {
  const number = derivations.findIndex((each) => each.some(isIt));
  return number === -1 ? undefined : entryAt(entries, number, derivations[number]?.findIndex(isIt));
}

async function nearTo(
  context: NixContext,
  failure: NixFailure,
  entry: ContentsEntry | undefined,
): Promise<string[]> {
  if (failure.missing === undefined || entry?.path === undefined || !isOwnName(failure, entry)) return [];
  const member = memberOf(entry, failure.missing);
  if (member !== undefined) return await nearMember(context, entry, member, failure.missing);
  const prefix = entry.path.slice(0, entry.path.indexOf(failure.missing));
  const names = nearNames(failure.missing, await attributeNames(context, prefix, entry.flake));
  const of = entry.flake === undefined ? '' : `${entry.flake}#`;
  return names.map((name) => of + [...prefix, name].join('.'));
}

/** nixpkgs has the packages that a program can be made with under its `pkgs`, and those of R beside it. */
async function nearMember(
  context: NixContext,
  { path = [] }: ContentsEntry,
  member: readonly string[],
  missing: string,
): Promise<string[]> {
  const before = member.slice(0, member.indexOf(missing));
  const set = path.at(-1)?.endsWith('Wrapper') === true ? ['rPackages'] : [...path, 'pkgs'];
  const names = nearNames(missing, await attributeNames(context, [...set, ...before]));
  return names.map((name) => [...before, name].join('.'));
}

function messageOfFailure(
  failure: NixFailure,
  entry: ContentsEntry | undefined,
  near: readonly string[],
  place: string,
): string {
  const field = entry?.members === undefined ? 'data.contents' : 'data.withPackages';
  const named = entry === undefined ? undefined : `${field}: ${nameOf(entry, failure)}`;
  const at = named === undefined ? '' : `${named}: `;
  switch (reasonOf(failure, entry)) {
    case 'UnknownAttribute':
      return `${at}the package set has no attribute of this name${didYouMean(near)}`;
    case 'NotAPackage':
      return `${at}this attribute is not a package but ${failure.found ?? 'something else'}; name a package, or one inside of it`;
    case 'PackageRefused':
      return `${at}the package set refuses it: ${failure.text}${howToAllow(failure.text)}`;
    case 'EvaluationFailed':
      return `${at}the expression cannot be evaluated: ${failure.text}${place}`;
    case 'BuildFailed':
      return `${at}${whatOf(failure)} does not build${howMany(failure)}: ${failure.text}${howToRepeat(failure)}`;
    case 'HashMismatch':
      return `${at}a source is not what the package set expects, so it was refused: ${failure.text}`;
    case 'FetchFailed':
      return `${at}a source cannot be fetched: ${failure.text}; check the network, the proxy and the caches in NIX_CONFIG`;
    case 'TooManyLayers':
      return `the image below leaves no layer for the packages: ${failure.text}; set data.maxLayers higher, to 127 at most, or lay it upon an image of fewer layers`;
    case 'OutOfMemory':
      return `${at}${whatOf(failure)} was killed, most likely for want of memory: ${failure.text}; give the builder more memory`;
    case 'DiskFull':
      return `${at}the disk is full: ${failure.text}; give /nix and the store more space`;
    case 'Timeout':
      return `${at}${whatOf(failure)} took too long: ${failure.text}`;
    case 'MachineUnreachable':
      return `${at}${whatOf(failure)} can be built on no machine that can be reached: ${failure.text}; look at data.nix.builders, and at the key and the known_hosts of data.secrets.ssh`;
    case 'NixUnavailable':
      return `Nix cannot work here: ${failure.text}`;
    default:
      return `${at}${failure.text}`;
  }
}

function didYouMean(near: readonly string[]): string {
  const [last, ...others] = near.toReversed();
  if (last === undefined) return '; look it up at https://search.nixos.org/packages';
  return others.length === 0
    ? `; did you mean ${last}?`
    : `; did you mean ${others.toReversed().join(', ')} or ${last}?`;
}

function whatOf(failure: NixFailure): string {
  return failure.derivation === undefined ? 'a package' : packageNameOf(failure.derivation);
}

/** Where in the user's own code the error is, in parentheses. */
function ownPlace({ settings }: NixContext, { position }: NixFailure): string {
  const place = position === undefined ? undefined : placeOf(position, settings.sources ?? []);
  return place === undefined ? '' : ` (${place})`;
}

function howToAllow(text: string): string {
  const setting = allowingSetting(text);
  return setting === undefined ? '' : ` To use it nevertheless: ${setting}`;
}

/** What else there was to build; a derivation of the image itself is among it. */
function howMany({ builds }: NixFailure): string {
  return builds === undefined || builds.expected === 0
    ? ''
    : ` (${builds.done} of ${builds.expected} derivations were built before)`;
}

function howToRepeat(failure: NixFailure): string {
  return failure.derivation === undefined
    ? ''
    : `; all of its log: nix log ${failure.derivation}; to repeat it: nix-store --realise ${failure.derivation}, or elsewhere: niximage render FILE | nix-build -`;
}
