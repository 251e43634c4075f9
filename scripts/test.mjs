import { readdir } from 'node:fs/promises';
import { delimiter, dirname, join, relative, resolve, sep } from 'node:path';
import { ensurePackages } from './packages.mjs';
import { SetUpError } from './setup/command.mjs';
import { pinnedNode } from './setup/npm.mjs';
import { runInForeground } from './setup/run.mjs';
import { bin, root, setUp } from './setup.mjs';

/** These need a cluster or containers of their own; npm scripts of their own run them. */
const apart = ['tests/cluster', 'tests/compose'];

/**
 * The test files, or those below the places that are named.
 * @param {readonly string[]} places files or folders, relative to the current folder.
 * @returns {Promise<string[]>} relative to the repository.
 */
export async function testFiles(places) {
  const wanted = places.map((place) => relative(root, resolve(place)));
  const isBelow = (/** @type {string} */ file, /** @type {string} */ place) =>
    place === '' || file === place || file.startsWith(`${place}${sep}`);
  const entries = await readdir(join(root, 'tests'), { recursive: true });
  return entries
    .map((entry) => join('tests', entry))
    .filter((file) => file.endsWith('.test.ts') && !apart.some((place) => isBelow(file, place)))
    .filter((file) => wanted.length === 0 || wanted.some((place) => isBelow(file, place)))
    .sort();
}

const reporters = [
  ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
  ...['--test-reporter=./scripts/noTestsReporter.mjs', '--test-reporter-destination=stderr'],
];

/**
 * npm test [-- PLACE...]: set up, then all tests, two files at a time. Words that begin with `-` are node's.
 * @param {readonly string[]} words
 * @returns {Promise<number>} the exit code.
 */
async function test(words) {
  const options = words.filter((word) => word.startsWith('-'));
  const files = await testFiles(words.filter((word) => !word.startsWith('-')));
  if (files.length === 0) throw new SetUpError(`No test file (*.test.ts) in ${words.join(', ') || 'tests'}.`);
  await setUp({ nix: true, tests: true });
  await ensurePackages();
  const path = [
    dirname(pinnedNode(root)),
    join(root, 'node_modules/.bin'),
    bin,
    process.env['PATH'],
    '/usr/sbin',
    '/sbin',
  ];
  process.chdir(root);
  return runInForeground(
    pinnedNode(root),
    ['--test', '--test-concurrency=2', '--test-timeout=600000', ...reporters, ...options, ...files],
    {
      ...process.env,
      PATH: path.join(delimiter),
    },
  );
}

if (import.meta.filename === process.argv[1]) {
  try {
    process.exitCode = await test(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
