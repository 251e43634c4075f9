import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureCrane } from './setup/crane.mjs';
import { ensureTools } from './setup/debian.mjs';
import { ensureNodeModules } from './setup/npm.mjs';

/** The repository's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Programs that set-up builds for tests. */
export const bin = join(root, '.cache/bin');

/**
 * Puts in place what this machine lacks. Says one line a step, and nothing where nothing is to do.
 * @param {{ nix: boolean, tests: boolean, say?: (line: string) => void }} what
 *   `nix`: what building images needs. `tests`: what the tests need beyond.
 * @throws {import('./setup/command.mjs').SetUpError} one sentence that says what to install and how.
 */
export async function setUp({ nix, tests, say = (line) => process.stderr.write(`${line}\n`) }) {
  await ensureNodeModules(root, say);
  if (nix) await ensureTools(tests ? ['nix', 'packages', 'tests'] : ['nix'], say);
  if (tests) await ensureCrane(bin, say);
}
