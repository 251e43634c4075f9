import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The project's folder, with a slash at its end. */
export const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The project's files as git sees them: tracked, or new and not ignored; those that are deleted but not yet
 * committed are left out. Paths are relative to the project's folder.
 */
export async function trackedFiles(): Promise<string[]> {
  const words = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const { stdout } = await promisify(execFile)('git', words, { cwd: projectFolder, maxBuffer: 1 << 26 });
  const paths = stdout.split('\0').filter((path) => path !== '');
  const present = await Promise.all(paths.map((path) => isFile(projectFolder + path)));
  return paths.filter((_path, index) => present[index]);
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
