import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Words that run a program in namespaces of its own: what it starts and mounts goes with it, and it goes with the
 * process that started it, however that ends.
 * @param {{ network: boolean }} options `network`: whether it has the machine's; else one of its own, with nothing in it.
 * @param {readonly string[]} words the program and its arguments.
 */
export function isolated({ network }, words) {
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const unshare = ['setpriv', '--pdeathsig', 'KILL', 'unshare', ...namespaces];
  return [...unshare, ...(network ? [] : ['--net', '--ipc', '--uts']), ...words];
}

/**
 * Runs a program to its end, with this process' output.
 * @param {readonly string[]} words
 * @param {{ env: NodeJS.ProcessEnv, seconds: number, what: string, signal: AbortSignal }} options
 *   `seconds`: it is killed then, which is said; `what`: its name for a person; `signal` kills it as well.
 * @returns {Promise<number>} its exit code; 128 and the signal's number where a signal ended it.
 */
export function runFor(words, { env, seconds, what, signal }) {
  const [program = '', ...rest] = words;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: ['ignore', 'inherit', 'inherit'], env });
    const kill = () => child.kill('SIGKILL');
    const timer = setTimeout(() => {
      console.error(`${what} is not done after ${seconds} s, and is ended.`);
      kill();
    }, seconds * 1000);
    signal.addEventListener('abort', kill);
    if (signal.aborted) kill();
    child.on('error', reject);
    child.on('close', (code, by) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
      resolve(code ?? 128 + (by === null ? 0 : constants.signals[by]));
    });
  });
}
