import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/**
 * The command that runs `program` so that the kernel ends it when this process ends, be it by SIGKILL: otherwise a
 * Nix that lost its builder goes on and holds the locks that the next attempt waits for. Needs util-linux' setpriv;
 * where that is missing the program runs as it is.
 */
export async function diesWithUs(
  program: string,
  words: readonly string[],
  path: string | undefined,
): Promise<[string, ...string[]]> {
  const setpriv = await find('setpriv', path);
  if (setpriv === undefined || (await find(program, path)) === undefined) return [program, ...words];
  return [setpriv, '--pdeathsig', 'KILL', program, ...words];
}

async function find(program: string, path: string | undefined): Promise<string | undefined> {
  for (const folder of (path ?? '').split(delimiter)) {
    if (folder === '') continue;
    const file = join(folder, program);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
