import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/**
 * What a person is told in one sentence, with no stack.
 */
export class SetUpError extends Error {}

/**
 * Whether a program of this name can be run.
 * @param {string} command
 * @param {string} [path]
 */
export async function isThere(command, path = process.env['PATH'] ?? '') {
  for (const folder of path.split(delimiter)) {
    if (
      await access(join(folder, command), constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return true;
  }
  return false;
}

/**
 * Runs a program to its end; its output is shown only when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined> }} [options]
 * @returns {Promise<void>}
 * @throws {SetUpError} with the last lines of its output.
 */
export function quietly(command, args, { cwd, env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let tail = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      tail = (tail + chunk.toString()).slice(-4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (cause) =>
      reject(new SetUpError(`${command} cannot be started: ${cause.message}.`, { cause })),
    );
    child.on('close', (code, signal) => {
      if (code === 0) return resolve();
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      reject(new SetUpError(`${[command, ...args].join(' ')} ended ${how}:\n${tail.trimEnd()}`));
    });
  });
}
