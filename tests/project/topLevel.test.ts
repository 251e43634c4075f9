import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trackedFiles } from './trackedFiles.ts';

/** What stands at the top of the repository; a note that somebody left there has no place. */
const known = [
  ...['.ci', '.dockerignore', '.gitignore', '.oxlintrc.json', 'Dockerfile', 'LICENSE', 'README.md'],
  ...[
    'bench',
    'biome.json',
    'builder',
    'cli',
    'docker-compose.yml',
    'docs',
    'examples',
    'hooks',
    'knip.json',
  ],
  ...[
    'metacontroller',
    'oci',
    'package-lock.json',
    'package.json',
    'registry',
    'runtime',
    'scripts',
    'tests',
  ],
  'tsconfig.json',
];

test('nothing stands at the top but what is known there', async () => {
  const top = new Set((await trackedFiles()).map((path) => path.split('/')[0] ?? ''));
  assert.deepEqual([...top].toSorted(), known.toSorted());
});
