import { spawn } from 'node:child_process';
import { join } from 'node:path';

/**
 * Starts a process that takes away a folder and a control group when this process has ended, whatever ended it.
 * @param {string} folder
 * @param {string} controlGroup
 */
export function startSweeper(folder, controlGroup) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sweep.mjs'), folder, controlGroup], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
  });
  const ended = new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
  return {
    /** Has it begin, and waits until all is gone. */
    async sweep() {
      child.stdin.end();
      await ended;
    },
  };
}
