import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The variables of a process, as `process.env` has them. */
export type Environment = { readonly [name: string]: string | undefined };

/** Nix code that is in the store. */
export interface NixSource {
  /** Its name in NIX_PATH, or its flake reference where it has none there. */
  readonly name: string;
  readonly path: string;
  /** The reference that the expression has, and the one of the very same commit. */
  readonly flake?: { readonly reference: string; readonly pinned: string };
}

/** How Nix is run: what every call of it shares. */
export interface NixSettings {
  readonly environment: Environment;
  /** What `<nixpkgs>` stands for, where the expression's own environment does not say: a path or URL. */
  readonly nixpkgs?: string;
  /** What other names, and that one too, stand for. */
  readonly sources?: readonly NixSource[];
  /** A folder of this build's own, for HOME and for what Nix links to. */
  readonly workFolder: string;
  /** Whether builds may be put into a sandbox; a restricted Pod cannot. */
  readonly sandbox: boolean;
}

/** Variables that lead Nix or a builder's shell somewhere else than this build's own folders. */
const removed = ['BASH_ENV', 'ENV'];

/**
 * The environment in which Nix runs. It owns its HOME: Nix 2.26 aborts on one of another owner.
 * `NIX_REMOTE=local` holds where no daemon serves the store: without it a Nix that is not root and finds an empty /nix
 * silently builds into a store under HOME, whose paths no image can use.
 */
export async function nixEnvironment(settings: NixSettings): Promise<Record<string, string>> {
  const home = join(settings.workFolder, 'home');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings.environment))
    if (value !== undefined && !removed.includes(name)) environment[name] = value;
  environment['HOME'] = home;
  if (environment['NIX_REMOTE'] === undefined && !hasDaemon()) environment['NIX_REMOTE'] = 'local';
  environment['TMPDIR'] = settings.environment['TMPDIR'] ?? '/tmp';
  const given = settings.nixpkgs === undefined ? environment['NIX_PATH'] : `nixpkgs=${settings.nixpkgs}`;
  // The first of two entries of one name wins.
  const named = (settings.sources ?? []).filter(({ name }) => !name.includes(':'));
  const path = [...named.map((source) => `${source.name}=${source.path}`), given ?? ''];
  environment['NIX_PATH'] = path.filter((entry) => entry !== '').join(':');
  return environment;
}

/**
 * Options that every nix-build and nix-instantiate gets; substituters are left to the environment. Where a daemon
 * serves the store, its own configuration says how builds are kept apart.
 */
export function nixOptions(settings: Pick<NixSettings, 'sandbox'>): string[] {
  const alone = ['--option', 'sandbox', String(settings.sandbox), '--option', 'build-users-group', ''];
  return [
    ...(hasDaemon() ? [] : alone),
    // Two builders of one derivation: the one that waits looks every second, not every five.
    ...['--option', 'build-poll-interval', '1'],
    // For `builtins.getFlake`, which needs it in every release so far.
    ...['--option', 'extra-experimental-features', 'flakes'],
  ];
}

function hasDaemon(): boolean {
  return existsSync('/nix/var/nix/daemon-socket/socket');
}
