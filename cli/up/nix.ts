import { execa } from 'execa';
import { CodedError } from '../../runtime/errors.ts';

export class NixError extends CodedError<'NIX_MISSING' | 'NIX_BROKEN'> {}

/** `[2, 8, 0]` */
export type NixVersion = readonly number[];

/**
 * The version of the Nix on this machine.
 * @throws {NixError} with what to install and how, where there is none.
 */
export async function nixVersion(env: Readonly<Record<string, string | undefined>>): Promise<NixVersion> {
  const { failed, stdout, code, stderr } = await execa('nix-build', ['--version'], {
    env: { ...env },
    extendEnv: false,
    reject: false,
    timeout: 10_000,
  });
  if (code === 'ENOENT')
    throw new NixError(
      'NIX_MISSING',
      'Nix is needed to build images, and nix-build is not in the PATH: install it with `apt-get install nix-bin`, or as https://nixos.org/download says, or use `docker compose up`, which needs none.',
    );
  const version = parseNixVersion(stdout);
  if (failed || version === undefined)
    throw new NixError(
      'NIX_BROKEN',
      `nix-build --version does not work on this machine: ${stderr || stdout}.`,
    );
  return version;
}

/** Reads `nix-build (Nix) 2.8.0`, `nix-build (Nix) 2.26.3pre20250101_abc`, `nix-build (Lix, like Nix) 2.91.1`. */
export function parseNixVersion(text: string): NixVersion | undefined {
  const numbers = /\)\s+(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return numbers?.slice(1).map((part) => Number(part ?? 0));
}

export function isOlder(version: NixVersion, than: NixVersion): boolean {
  for (let index = 0; index < Math.max(version.length, than.length); index++) {
    const difference = (version[index] ?? 0) - (than[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

export function formatVersion(version: NixVersion): string {
  return version.join('.');
}
