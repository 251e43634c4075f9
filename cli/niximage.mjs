#!/usr/bin/env node
// The sources are TypeScript as they stand, which Node 24 runs; an older Node starts the one in node_modules.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const [major = '0'] = process.versions.node.split('.');
if (Number(major) >= 24) {
  const memory = memoryOf(process.argv);
  if (memory !== undefined) startWith(memory);
  // Half of the time until a command begins is spent on reading the sources; what comes of it is kept. Where that
  // folder cannot be written, nothing is.
  // The variable tells the threads that write layers.
  process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../.cache/compile', import.meta.url));
  module.enableCompileCache(process.env['NODE_COMPILE_CACHE']);
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  startPinnedNode();
}

/**
 * What V8 and the C library are told.
 * What a sync of the hook needs lives for a millisecond or two. With 64 MiB for what is new nearly nothing of it grows
 * old; else all requests wait 15 to 40 ms, each few seconds, for the old heap to be collected.
 * The registry needs little for a request; the 16 MiB that are usual, thrice, would be a third of its memory. Its old heap
 * is collected when it grew by a quarter, and its threads share one heap of the C library's, for what each keeps free for
 * itself adds up to more than what is used.
 * @param {readonly string[]} argv
 */
function memoryOf([, , command, part]) {
  if (command === 'hook') return { options: nursery(64), environment: {} };
  if (command !== 'registry' || part !== 'serve') return undefined;
  return {
    options: [...nursery(4), '--heap-growing-percent=25'],
    environment: { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' },
  };
}

/** @param {number} size in MiB. */
function nursery(size) {
  return [`--min-semi-space-size=${size}`, `--max-semi-space-size=${size}`];
}

/**
 * Both ask at their start only, so this process becomes one that was started so; but not one that `up` watches over, for its
 * channel would be lost.
 * @param {{ options: readonly string[], environment: Readonly<Record<string, string>> }} memory
 */
function startWith({ options, environment }) {
  if (process.channel !== undefined) return;
  if (process.execve === undefined || options.every((option) => process.execArgv.includes(option))) return;
  const words = [process.execPath, ...options, ...process.execArgv, self, ...process.argv.slice(2)];
  process.execve(process.execPath, words, { ...process.env, ...environment });
}

function startPinnedNode() {
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(node)) {
    process.stderr.write('niximage needs Node 24, and node_modules has none: run npm ci first.\n');
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, [self, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // A terminal has sent Ctrl-C to both already.
      if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal);
    });
  }
  child.on('close', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}
