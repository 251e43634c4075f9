import { plainLine, plainText } from './text.ts';

/**
 * What Nix says while it works, from `--log-format internal-json`
 * (https://nix.dev/manual/nix/latest/command-ref/conf-file#conf-log-format, src/libutil/logging.cc).
 * Texts are without colours. `id` names an activity; it is text, since it can exceed what a number holds exactly.
 */
export type NixEvent =
  | { readonly kind: 'BuildStarted'; readonly id: string; readonly derivation: string }
  | { readonly kind: 'FetchStarted'; readonly id: string; readonly path: string; readonly from: string }
  | { readonly kind: 'CounterStarted'; readonly id: string; readonly counts: 'builds' | 'fetches' }
  | { readonly kind: 'Counted'; readonly id: string; readonly done: number; readonly expected: number }
  | { readonly kind: 'Logged'; readonly id: string; readonly line: string }
  | { readonly kind: 'Stopped'; readonly id: string }
  | ({ readonly kind: 'Said' } & NixMessage)
  /** A line that is none of Nix's: git's, ssh's or a crash's own words. */
  | { readonly kind: 'Raw'; readonly line: string }
  /** Well formed, and nothing the builder looks at. */
  | { readonly kind: 'Other' };

export interface NixMessage {
  /** 0 error, 1 warning, 3 information. */
  readonly level: number;
  /** All of the text, with its position and hints. */
  readonly text: string;
  /** The error alone. */
  readonly error?: string;
  readonly file?: string;
  readonly line?: number;
  /** What was being evaluated, innermost first. */
  readonly trace: readonly string[];
}

const prefix = '@nix ';
const activityType = { copyPath: 100, copies: 103, builds: 104, build: 105, substitute: 108 } as const;
const resultType = { logLine: 101, progress: 105, postBuildLogLine: 107 } as const;

/** Reads one line of Nix's standard error. Never throws: what cannot be read is `Raw`. */
export function parseNixLine(line: string): NixEvent {
  const raw: NixEvent = { kind: 'Raw', line: plainLine(line) };
  if (!line.startsWith(prefix)) return raw;
  const fields = parseObject(line.slice(prefix.length));
  if (fields === undefined) return raw;
  const id = /"id":(\d+)/.exec(line)?.[1];
  switch (fields['action']) {
    case 'msg':
      return said(fields);
    case 'start':
      return id === undefined ? { kind: 'Other' } : started(id, fields);
    case 'result':
      return id === undefined ? { kind: 'Other' } : resulted(id, fields);
    case 'stop':
      return id === undefined ? { kind: 'Other' } : { kind: 'Stopped', id };
    default:
      return { kind: 'Other' };
  }
}

function said(fields: Fields): NixEvent {
  const text = stringOf(fields['msg']);
  if (text === undefined) return { kind: 'Other' };
  const error = stringOf(fields['raw_msg']);
  const position = positionOf(fields);
  return {
    kind: 'Said',
    level: numberOf(fields['level']) ?? 0,
    text: plainText(text),
    ...(error === undefined ? {} : { error: plainText(error) }),
    ...position,
    trace: traceOf(fields['trace']),
  };
}

/** Nix 2.26 writes `F:line:col` into `file`. */
function positionOf(fields: Fields): { file?: string; line?: number } {
  const file = stringOf(fields['file']);
  const line = numberOf(fields['line']);
  if (file === undefined) return {};
  return { file: file.replace(/(:\d+){1,2}$/, ''), ...(line === undefined ? {} : { line }) };
}

function traceOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  const texts: string[] = [];
  for (const frame of value) {
    const text = isFields(frame) ? stringOf(frame['raw_msg']) : undefined;
    if (text !== undefined) texts.push(plainText(text));
  }
  return texts;
}

function started(id: string, fields: Fields): NixEvent {
  const values = arrayOf(fields['fields']);
  const first = stringOf(values[0]);
  switch (fields['type']) {
    case activityType.build:
      return first === undefined ? { kind: 'Other' } : { kind: 'BuildStarted', id, derivation: first };
    case activityType.copyPath:
      return first === undefined
        ? { kind: 'Other' }
        : { kind: 'FetchStarted', id, path: first, from: stringOf(values[1]) ?? '' };
    case activityType.builds:
      return { kind: 'CounterStarted', id, counts: 'builds' };
    case activityType.copies:
      return { kind: 'CounterStarted', id, counts: 'fetches' };
    default:
      return { kind: 'Other' };
  }
}

function resulted(id: string, fields: Fields): NixEvent {
  const values = arrayOf(fields['fields']);
  switch (fields['type']) {
    case resultType.logLine:
    case resultType.postBuildLogLine: {
      const line = stringOf(values[0]);
      return line === undefined ? { kind: 'Other' } : { kind: 'Logged', id, line: plainLine(line) };
    }
    case resultType.progress: {
      const done = numberOf(values[0]);
      const expected = numberOf(values[1]);
      if (done === undefined || expected === undefined) return { kind: 'Other' };
      return { kind: 'Counted', id, done, expected };
    }
    default:
      return { kind: 'Other' };
  }
}

type Fields = { readonly [name: string]: unknown };

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
