import assert from 'node:assert/strict';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { readSources } from '../../../cli/manifests/sources.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const stdin = () => Readable.from([Buffer.from('from: stdin\n')]);

test('files, folders and standard input are read in the order of the command line', async (t) => {
  const cwd = await temporaryFolder(t);
  await mkdir(join(cwd, 'folder', 'below'), { recursive: true });
  for (const name of ['b.yaml', 'a.yml', 'c.json', 'README.md', 'below/d.yaml'])
    await writeFile(join(cwd, 'folder', name), `name: ${name}\n`);
  await writeFile(join(cwd, 'single.txt'), 'any: name\n');
  const { sources, problems } = await readSources(['single.txt', 'folder', '-', 'single.txt'], {
    cwd,
    stdin: stdin(),
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    sources.map(({ file }) => file),
    ['single.txt', 'folder/a.yml', 'folder/b.yaml', 'folder/c.json', 'standard input'],
  );
  assert.equal(sources[4]?.text, 'from: stdin\n');
});

describe('what cannot be read is told, the rest is read', () => {
  const rows: readonly {
    readonly reason: string;
    readonly make: (path: string) => Promise<void>;
    readonly says: RegExp;
  }[] = [
    { reason: 'a missing file', make: async () => {}, says: /there is no such file/ },
    {
      reason: 'bytes that are no text',
      make: (path) => writeFile(path, Buffer.from([0x7f, 0x45, 0xff, 0xfe])),
      says: /not UTF-8/,
    },
    { reason: 'a NUL', make: (path) => writeFile(path, 'a: "\0"'), says: /NUL/ },
    {
      reason: '40 MB',
      make: async (path) => {
        await writeFile(path, '');
        await truncate(path, 40_000_000);
      },
      says: /larger than 4 MiB/,
    },
    {
      reason: 'a folder without manifests',
      make: async (path) => void (await mkdir(path)),
      says: /holds no \.yaml/,
    },
  ];
  for (const { reason, make, says } of rows)
    test(reason, async (t) => {
      const cwd = await temporaryFolder(t);
      await make(join(cwd, 'bad'));
      await writeFile(join(cwd, 'good.yaml'), 'a: 1\n');
      const { sources, problems } = await readSources(['bad', 'good.yaml'], { cwd, stdin: stdin() });
      assert.deepEqual(
        sources.map(({ file }) => file),
        ['good.yaml'],
      );
      assert.equal(problems.length, 1);
      assert.equal(problems[0]?.file, 'bad');
      assert.match(problems[0]?.message ?? '', says);
    });
});
