import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** @type {readonly NodeJS.Signals[]} */
const passed = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program in the foreground. A signal to this process is the program's to handle.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string | undefined>} [env]
 * @returns {Promise<number>} its exit code; 128 and the signal's number where a signal ended it.
 */
export function runInForeground(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env });
    const handlers = passed.map((signal) => {
      const pass = () => {
        // A terminal sends Ctrl-C to both already; a second one would mean: stop at once.
        if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal);
      };
      process.on(signal, pass);
      return () => process.off(signal, pass);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const remove of handlers) remove();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
