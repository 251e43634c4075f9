import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { pinnedNixpkgs } from '../../hooks/pinnedNixpkgs.ts';
import { CodedError } from '../../runtime/errors.ts';
import { formatVersion, isOlder, type NixVersion } from './nix.ts';

/** Where the packages of a session come from. */
export type PackageSource =
  | { readonly set: 'nixpkgs'; readonly from: string }
  /** `why` is one line for the person, absent where they asked for this set. */
  | { readonly set: 'demo'; readonly why?: string };

export class PackageSourceError extends CodedError<'NIXPKGS_UNREACHABLE' | 'NIXPKGS_UNKNOWN'> {}

/** The oldest Nix that evaluates it (nixpkgs, lib/minfeatures.nix). */
const oldestNix: NixVersion = [2, 18];

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly nix: NixVersion;
  /** Whether a tarball answers; one try, bounded in time. */
  reachable(url: string): Promise<boolean>;
}

/**
 * The packages that `--nixpkgs` names: a path, a URL, a channel (`nixos-25.11`, `channel:nixos-25.11`) or `demo`.
 * @throws {PackageSourceError} where they are not there; another set is never taken in their place.
 */
export async function namedSource(value: string, { cwd, reachable }: Surroundings): Promise<PackageSource> {
  if (value === 'demo') return { set: 'demo' };
  const place = placeOf(value, cwd);
  if (place === undefined)
    throw new PackageSourceError(
      'NIXPKGS_UNKNOWN',
      `--nixpkgs ${value} is no path, URL or channel: write ./${value} for a folder, or a channel's name such as nixos-25.11.`,
    );
  const there = place.kind === 'url' ? await reachable(place.at) : await isNixExpression(place.at);
  if (there) return { set: 'nixpkgs', from: place.at };
  const why = place.kind === 'url' ? `${place.at} does not answer` : `${place.at} holds no default.nix`;
  throw new PackageSourceError(
    'NIXPKGS_UNREACHABLE',
    `--nixpkgs ${value} cannot be used: ${why}; leave the option out to take what can be reached, or say --nixpkgs demo for the offline set.`,
  );
}

/** `<nixpkgs>` where it resolves, else the pinned release, else the offline set with a line that says why. */
export async function defaultSource(surroundings: Surroundings): Promise<PackageSource> {
  const { nix, env, reachable } = surroundings;
  const found = await findNixpkgs(env);
  if (found !== undefined) {
    const least = await leastNixOf(found);
    if (!isOlder(nix, least)) return { set: 'nixpkgs', from: found };
    return { set: 'demo', why: tooOld(nix, least, `<nixpkgs> (${found})`) };
  }
  if (isOlder(nix, oldestNix)) return { set: 'demo', why: tooOld(nix, oldestNix, 'nixpkgs') };
  if (await reachable(pinnedNixpkgs)) return { set: 'nixpkgs', from: pinnedNixpkgs };
  return {
    set: 'demo',
    why: 'nixpkgs cannot be reached from here; the offline package set is used (demo), and nixpkgs as soon as it answers.',
  };
}

function tooOld(nix: NixVersion, least: NixVersion, what: string): string {
  return `Nix ${formatVersion(nix)} is older than the ${formatVersion(least)} that ${what} needs; the offline package set is used (demo).`;
}

type NixpkgsPlace = { readonly kind: 'path' | 'url'; readonly at: string };

/** What a value of `--nixpkgs` or an entry of NIX_PATH stands for. */
export function placeOf(value: string, cwd: string): NixpkgsPlace | undefined {
  if (/^(https?|file):\/\//.test(value)) return { kind: 'url', at: value };
  const channel = /^(?:channel:)?((?:nixos|nixpkgs)-[A-Za-z0-9._-]+)$/.exec(value)?.[1];
  if (channel !== undefined)
    return { kind: 'url', at: `https://channels.nixos.org/${channel}/nixexprs.tar.xz` };
  if (value === '.' || value === '..' || value.includes('/'))
    return { kind: 'path', at: resolve(cwd, value) };
  return undefined;
}

/** The `<nixpkgs>` of NIX_PATH or of Nix's own defaults; a URL there is taken as it stands, nothing is downloaded. */
async function findNixpkgs(env: Surroundings['env']): Promise<string | undefined> {
  const entry = env['NIX_PATH']
    ?.split(/:(?!\/\/)/)
    .find((part) => part.startsWith('nixpkgs='))
    ?.slice('nixpkgs='.length);
  if (entry !== undefined && /^https?:\/\//.test(entry)) return entry;
  const { failed, stdout } = await execa('nix-instantiate', ['--find-file', 'nixpkgs'], {
    env: { ...env },
    extendEnv: false,
    reject: false,
    timeout: 3_000,
  });
  const path = stdout.trim();
  return !failed && path !== '' && (await isNixExpression(path)) ? path : undefined;
}

async function isNixExpression(path: string): Promise<boolean> {
  return stat(path.endsWith('.nix') ? path : join(path, 'default.nix')).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** nixpkgs names the oldest Nix it can be read by in lib/minfeatures.nix, formerly in lib/minver.nix. */
async function leastNixOf(nixpkgs: string): Promise<NixVersion> {
  if (/^https?:/.test(nixpkgs)) return oldestNix;
  for (const file of ['minfeatures.nix', 'minver.nix']) {
    const text = await readFile(join(nixpkgs, 'lib', file), 'utf8').catch(() => '');
    const numbers = /"(\d+)\.(\d+)(?:\.\d+)?"/.exec(text);
    if (numbers !== null) return numbers.slice(1).map(Number);
  }
  return [0];
}

/**
 * Whether a URL answers a HEAD within `timeout` milliseconds; a file:// URL, whether its file is there.
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY are heeded.
 */
export async function probe(url: string, timeout = 3_000): Promise<boolean> {
  if (url.startsWith('file://'))
    return stat(new URL(url)).then(
      () => true,
      () => false,
    );
  const dispatcher = new EnvHttpProxyAgent();
  try {
    const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(timeout), dispatcher });
    return answer.ok;
  } catch {
    // Every failure of the network means the same here: not now.
    return false;
  } finally {
    await dispatcher.destroy();
  }
}
