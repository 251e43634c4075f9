import { execa } from 'execa';
import { ensurePackages } from '../../../scripts/packages.mjs';
import { nixConfig } from '../../support/nixConfig.ts';

/** Answers of Nix over the offline package set; nothing is asked of a cache. */
export interface PackageSetNix {
  readonly folder: string;
  /** Builds an expression, in which the set's names can be used, and gives the store paths. */
  build(expression: string): Promise<string[]>;
  /** The value of an expression as JSON gives it. */
  evaluate(expression: string): Promise<unknown>;
  /** What Nix says on stderr about an expression that cannot be built. */
  failure(expression: string): Promise<string>;
}

export async function packageSetNix(): Promise<PackageSetNix> {
  const folder = await ensurePackages();
  const env = { NIX_PATH: `nixpkgs=${folder}`, NIX_CONFIG: nixConfig };
  const over = (expression: string): string => `with import <nixpkgs> { }; ${expression}`;
  return {
    folder,
    async build(expression) {
      const { stdout } = await execa('nix-build', ['--no-out-link', '-E', over(expression)], { env });
      return stdout.split('\n');
    },
    async evaluate(expression) {
      const words = ['--eval', '--strict', '--json', '-E', over(expression)];
      const { stdout } = await execa('nix-instantiate', words, { env });
      return JSON.parse(stdout);
    },
    async failure(expression) {
      const { failed, stderr } = await execa('nix-build', ['--no-out-link', '-E', over(expression)], {
        env,
        reject: false,
        maxBuffer: 1 << 26,
      });
      if (!failed) throw new Error(`${expression} was built`);
      return stderr;
    },
  };
}

/** The only line of an answer. */
export function only(lines: readonly string[]): string {
  const [line, ...more] = lines;
  if (line === undefined || more.length > 0) throw new Error(`one line was expected, not ${lines.length}`);
  return line;
}
