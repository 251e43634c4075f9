import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore } from '../../oci/store/store.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { manifest } from './support/manifest.ts';
import { niximage } from './support/program.ts';

test('build puts one image into a store, and a second time reuses every layer', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'x.yaml'), manifest('x', { tag: 'v1', contents: ['hello'] }));
  const words = ['build', '--nixpkgs', 'demo', '--store', join(cwd, 'store'), 'x.yaml'];
  const first = await niximage(words, { cwd });
  assert.equal(first.exitCode, 0, first.stderr);
  assert.match(first.stdout, /^x:v1 is Built \(demo\): sha256:[0-9a-f]{64}, \d+ bytes in \d+ layers/);
  const reader = await (await openStore(join(cwd, 'store'))).namespace('default');
  const publication = await reader?.currentPublication('x', 'v1');
  assert.ok(
    reader && publication && (await reader.isComplete('x', publication)),
    'all that the tag names is there',
  );
  assert.ok(first.stdout.includes(publication.digest));
  const second = await niximage(words, { cwd });
  assert.equal(second.exitCode, 0, second.stderr);
  assert.match(second.stdout, /in (\d+) layers, \1 of them reused/);
  assert.ok(second.stdout.includes(publication.digest), 'the same image');
});

test('what cannot be built is told with the name that was meant', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'x.yaml'), manifest('x', { contents: ['crul'] }));
  const { exitCode, stderr } = await niximage(['build', '--nixpkgs', 'demo', 'x.yaml'], { cwd });
  assert.equal(exitCode, 1);
  assert.match(stderr, /crul.*did you mean.*curl/i);
});
