import type { FailureReason } from '../../runtime/contract/report.ts';
import type { NixMessage } from './event.ts';
import type { Evidence } from './evidence.ts';
import type { NixExit, NixFailure } from './failure.ts';
import type { Position } from './place.ts';
import { shortened } from './text.ts';

interface Rule {
  readonly reason: FailureReason;
  readonly pattern: RegExp;
  readonly transient?: boolean;
}

/** The texts of Nix 2.8 and 2.26, and nixpkgs' own, in the order in which they are looked for. */
const rules: readonly Rule[] = [
  { reason: 'DiskFull', pattern: /No space left on device|Disk quota exceeded/i, transient: true },
  { reason: 'HashMismatch', pattern: /hash mismatch in|but got .* hash mismatch/ },
  { reason: 'Timeout', pattern: /timed out after \d+ seconds/ },
  { reason: 'OutOfMemory', pattern: /failed due to signal 9|std::bad_alloc|Cannot allocate memory/ },
  { reason: 'FetchFailed', pattern: /HTTP error (400|401|403|404|410|451)\b/ },
  {
    reason: 'FetchFailed',
    pattern:
      /SSL peer certificate|SSL certificate problem|certificate verif|server certificate|self[- ]signed certificate/i,
  },
  {
    reason: 'FetchFailed',
    pattern:
      /unable to download|unable to fetch|HTTP error \d+|could ?n[o']t resolve host|failed to connect|connection (refused|reset|timed out)/i,
    transient: true,
  },
  { reason: 'FetchFailed', pattern: /program 'git' failed|revspec '.*' not found|cannot find Git revision/i },
  {
    reason: 'PackageRefused',
    pattern:
      /refusing to evaluate|has an unfree license|is not available on the requested hostPlatform|is marked as (insecure|broken)/i,
  },
  {
    reason: 'NixUnavailable',
    pattern:
      /requires Nix >= |the group '.*' specified in 'build-users-group'|big-lock|home directory|error: .*the Nix database|creating directory '\/nix|'\/nix\/[^']*': (Permission denied|Read-only file system)/,
  },
  {
    reason: 'BuildFailed',
    pattern:
      /^builder for '|^build of '|failed to build|^Cannot build '|may not be deterministic|failed to produce output|with features \{.*\} is required to build|is required to build/,
  },
];

/** What dockerTools, and the offline set, say where the base image leaves no layer for the packages. */
const layersTaken = /usedLayers \d+ layers to store|layers are taken before the first package/;

const unwanted =
  /dependenc(y|ies) of derivation .* failed|^\(use '--show-trace'|^some errors were encountered/;

/**
 * Why a run of Nix failed. Pure: the same evidence gives the same answer.
 * Exit codes tell little (100 builder failed, 101 timeout, 102 hash mismatch, 1 all else), so texts decide first.
 */
export function classify(evidence: Evidence, exit: NixExit): NixFailure {
  const cause = evidence.errors.find((error) => !unwanted.test(error.error ?? '')) ?? evidence.errors[0];
  if (cause === undefined) return withoutError(evidence, exit);
  const text = oneLine(cause.error ?? cause.text);
  const derivation = /'(\/[^']*\.drv)'/.exec(text)?.[1];
  const logTail = derivation === undefined ? [] : (evidence.logs.get(derivation) ?? []);
  const entry = numberIn('contents', cause);
  const path = numberIn('paths', cause);
  const position = positionOf(cause);
  const context = {
    text,
    logTail,
    ...(entry === undefined ? {} : { entry }),
    ...(path === undefined ? {} : { path }),
    ...(derivation === undefined ? {} : { derivation }),
    ...(position === undefined ? {} : { position }),
    ...(evidence.builds === undefined ? {} : { builds: evidence.builds }),
  };
  const found = /niximage:(?:contents|paths):\d+: is not a package but (.*)$/.exec(text)?.[1];
  if (found !== undefined)
    return { ...context, reason: 'NotAPackage', transient: false, found: kindOf(found) };
  const missing = missingName(text);
  if (missing !== undefined && entry !== undefined)
    return { ...context, reason: 'UnknownAttribute', transient: false, missing };
  const heard = [text, ...evidence.raw].join('\n');
  const rule = rules.find((each) => each.pattern.test(text)) ?? diskFullInLog(logTail);
  const unreachable = /\bis required to build\b/.test(text) ? evidence.unreachable?.at(-1) : undefined;
  if (unreachable !== undefined)
    return {
      ...context,
      reason: 'MachineUnreachable',
      text: machineText(unreachable),
      transient: /refused|reset|timed out|resolve host|no route/i.test(unreachable),
    };
  if (rule?.reason === 'BuildFailed' && diskFullInLog(logTail) !== undefined)
    return { ...context, reason: 'DiskFull', transient: true };
  const taken = logTail.find((line) => layersTaken.test(line));
  if (rule?.reason === 'BuildFailed' && taken !== undefined)
    return { ...context, reason: 'TooManyLayers', transient: false, text: taken };
  if (rule?.reason === 'FetchFailed')
    return {
      ...context,
      text: withRaw(text, evidence.raw),
      reason: rule.reason,
      transient: isTransient(rule, heard),
    };
  if (rule !== undefined) return { ...context, reason: rule.reason, transient: rule.transient ?? false };
  return { ...context, reason: reasonOfExit(exit) ?? 'EvaluationFailed', transient: false };
}

/** The machine, and the last line of what ssh said. */
function machineText(said: string): string {
  const machine = /^cannot build on '([^']*)'/.exec(said)?.[1] ?? 'a machine';
  const last = said.split('\n').findLast((line) => line.trim() !== '') ?? '';
  return `${machine}: ${oneLine(last.replace(/^cannot build on '[^']*': error: /, ''))}`;
}

/** Nix ended and named no error: killed, or crashed. */
function withoutError(evidence: Evidence, exit: NixExit): NixFailure {
  const said = evidence.raw.at(-1);
  const common = { logTail: evidence.raw, transient: false } as const;
  if (exit.signal === 'SIGKILL' || exit.code === 137)
    return { ...common, reason: 'OutOfMemory', text: 'Nix was killed (SIGKILL)' };
  const rule = rules.find((each) => evidence.raw.some((line) => each.pattern.test(line)));
  const end = exit.signal === undefined ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
  return {
    ...common,
    reason: rule?.reason ?? reasonOfExit(exit) ?? 'InternalError',
    transient: rule?.transient ?? false,
    text: said === undefined ? `Nix ended with ${end} and said nothing` : `Nix ended with ${end}: ${said}`,
  };
}

function reasonOfExit(exit: NixExit): FailureReason | undefined {
  switch (exit.code) {
    case 100:
    case 104:
      return 'BuildFailed';
    case 101:
      return 'Timeout';
    case 102:
      return 'HashMismatch';
    default:
      return undefined;
  }
}

function diskFullInLog(lines: readonly string[]): Rule | undefined {
  const [diskFull] = rules;
  return lines.some((line) => diskFull?.pattern.test(line)) ? diskFull : undefined;
}

/** A refused or missing source stays so; a name that does not resolve or a connection that breaks may come back. */
function isTransient(rule: Rule, heard: string): boolean {
  if (rule.transient === true) return true;
  return /could ?n[o']t resolve host|connection (refused|reset|timed out)|HTTP error 5\d\d/i.test(heard);
}

/** What ssh says where it does not come through. */
const sshRefusal =
  /Host key verification failed|Permission denied \(|Could not resolve hostname|Connection (refused|reset|timed out|closed)/;

/** The words of git, and of ssh below it, hold the true cause, and stand outside of Nix's message. */
function withRaw(text: string, raw: readonly string[]): string {
  const cause = raw.find((line) => sshRefusal.test(line)) ?? raw.find((line) => line.startsWith('fatal:'));
  return cause === undefined ? text : `${text} (${cause.trim()})`;
}

/** builder/nix/image.nix gives each entry's evaluation a context with its list and its number. */
function numberIn(list: 'contents' | 'paths', message: NixMessage): number | undefined {
  for (const text of [message.error ?? '', ...message.trace, message.text]) {
    const number = new RegExp(`niximage:${list}:(\\d+)`).exec(text)?.[1];
    if (number !== undefined) return Number(number);
  }
  return undefined;
}

function positionOf({ file, line }: NixMessage): Position | undefined {
  return file === undefined ? undefined : { file, ...(line === undefined ? {} : { line }) };
}

function missingName(text: string): string | undefined {
  return /^undefined variable '(.*)'$/.exec(text)?.[1] ?? /^attribute '(.*)' missing$/.exec(text)?.[1];
}

const kinds: { readonly [type: string]: string } = {
  'a set': 'a set of attributes',
  'a lambda': 'a function',
  'a int': 'a number',
  'a float': 'a number',
  'a bool': 'true or false',
  'a null': 'null',
};

function kindOf(found: string): string {
  return kinds[found] ?? found;
}

function oneLine(text: string): string {
  return shortened(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join(' '),
    1200,
  );
}
