import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { temporaryFolder } from '../support/tmp.ts';
import { podBench } from './support/pod.ts';

const program = fileURLToPath(new URL('./support/runBuilder.ts', import.meta.url));

test('what one build made the next one finds', async (t) => {
  const bench = await podBench(t, 'curl');
  // What a claim is to a Pod: another folder at /nix, empty at first.
  const claim = await temporaryFolder(t);
  await mkdir(join(claim, 'nix'));
  // Whoever is not root is so in a user namespace of his own.
  const namespaces = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const build = async (ordinal: number): Promise<string> => {
    const script = 'mount --bind "$0" /nix && exec "$@"';
    const words = [process.execPath, program, ...bench.words(ordinal)];
    const { stdout } = await execa(
      'unshare',
      [...namespaces, 'sh', '-c', script, join(claim, 'nix'), ...words],
      { env: bench.environment, extendEnv: false },
    );
    return stdout;
  };
  assert.match(await build(1), /^building curl/m);
  const again = await build(2);
  assert.doesNotMatch(again, /^building curl/m);
  assert.match(again, /^built sha256:/m);
});
