import { chmod, copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildReport } from '../runtime/contract/report.ts';
import { type SecretKind, secretKeys, secretKinds } from '../runtime/contract/secrets.ts';
import { hasErrno } from '../runtime/errors.ts';
import type { Environment } from './nix/settings.ts';

/** What a builder fetches with. */
export interface Secrets {
  /** To add to the environment of Nix. */
  environment(home: string): Promise<Environment>;
  /** The same text without what is secret. */
  redact(text: string): string;
  /** The file that packages are signed with, for a binary cache. */
  readonly signingKey?: string;
}

const replacement = '(secret)';

/** Shorter ones would black out words that have nothing to do with them. */
const shortest = 6;

/**
 * Reads the Secrets that the Pod mounts below `folder`; without a folder there are none. What they hold goes to Nix by
 * files and by the environment, never by a command line.
 */
export async function readSecrets(folder: string | undefined): Promise<Secrets> {
  if (folder === undefined) return { environment: async () => ({}), redact: (text) => text };
  const texts = new Map<string, string>();
  for (const kind of secretKinds)
    for (const key of secretKeys[kind]) {
      const text = await readIfThere(join(folder, kind, key));
      if (text !== undefined) texts.set(key, text);
    }
  const values = [...secretValues(texts)].filter((value) => value.length >= shortest);
  // The longest first: one may be part of another.
  values.sort((one, other) => other.length - one.length);
  return {
    environment: (home) => environmentOf(folder, home, texts),
    redact: (text) => values.reduce((said, value) => said.replaceAll(value, replacement), text),
    ...(texts.has('secret-key') ? { signingKey: join(folder, 'signingKey', 'secret-key') } : {}),
  };
}

/** Two environments in one; their settings of Nix's are joined. */
export function withSecrets(given: Environment, secret: Environment): Environment {
  const config = [given['NIX_CONFIG'], secret['NIX_CONFIG']].filter((each) => each !== undefined);
  return { ...given, ...secret, ...(config.length === 0 ? {} : { NIX_CONFIG: config.join('\n') }) };
}

/** A report without what is secret. */
export function redactedReport(report: BuildReport, { redact }: Secrets): BuildReport {
  if (report.result === 'Built') return report;
  const { message, logTail } = report;
  return {
    ...report,
    message: redact(message),
    ...(logTail === undefined ? {} : { logTail: redact(logTail) }),
  };
}

function* secretValues(texts: ReadonlyMap<string, string>): Generator<string> {
  // netrc(5): `password` and the word after it.
  for (const [, value] of (texts.get('netrc') ?? '').matchAll(/\bpassword\s+(\S+)/g)) if (value) yield value;
  for (const entry of (texts.get('access-tokens') ?? '').split(/\s+/))
    yield entry.slice(entry.indexOf('=') + 1);
  // nix-store --generate-binary-cache-key: a name, a colon, and the key.
  const signingKey = texts.get('secret-key')?.trim() ?? '';
  yield signingKey.slice(signingKey.indexOf(':') + 1);
  for (const line of (texts.get('ssh-privatekey') ?? '').split('\n'))
    if (!line.startsWith('-----')) yield line;
}

async function environmentOf(
  folder: string,
  home: string,
  texts: ReadonlyMap<string, string>,
): Promise<Environment> {
  const place = (kind: SecretKind, key: string): string => join(folder, kind, key);
  const lines: string[] = [];
  const environment: Record<string, string> = {};
  await mkdir(home, { recursive: true, mode: 0o700 });
  if (texts.has('netrc')) {
    lines.push(`netrc-file = ${place('netrc', 'netrc')}`);
    // git reads it by itself from here.
    await copyFile(place('netrc', 'netrc'), join(home, '.netrc'));
    await chmod(join(home, '.netrc'), 0o600);
  }
  const tokens = texts.get('access-tokens')?.trim().replaceAll(/\s+/g, ' ');
  if (tokens !== undefined && tokens !== '') lines.push(`access-tokens = ${tokens}`);
  if (texts.has('ssh-privatekey')) {
    // ssh refuses a key that others can read.
    const key = join(home, 'ssh-privatekey');
    await copyFile(place('ssh', 'ssh-privatekey'), key);
    await chmod(key, 0o600);
    const known = texts.has('known_hosts') ? ` -o UserKnownHostsFile=${place('ssh', 'known_hosts')}` : '';
    const options = `-i ${key} -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes${known}`;
    environment['GIT_SSH_COMMAND'] = `ssh ${options}`;
    environment['NIX_SSHOPTS'] = options;
  }
  return lines.length === 0 ? environment : { ...environment, NIX_CONFIG: lines.join('\n') };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
