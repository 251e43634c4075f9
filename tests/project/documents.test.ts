import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { before, describe, test } from 'node:test';
import { commandLines, type FencedBlock, fencedBlocks } from './fencedBlocks.ts';
import { projectFolder, trackedFiles } from './trackedFiles.ts';

const read = (path: string): Promise<string> => readFile(projectFolder + path, 'utf8');

async function blocksOf(path: string): Promise<FencedBlock[]> {
  return fencedBlocks(await read(path));
}

let files: string[];
let documents: string[];
before(async () => {
  files = await trackedFiles();
  documents = files.filter((path) => path === 'README.md' || /^docs\/.*\.md$/.test(path));
});

describe('documents', () => {
  test('a reader finds the README and the pages it names', () => {
    assert.ok(documents.includes('README.md'));
    assert.ok(documents.includes('docs/architecture.md'));
  });

  test('every fenced block has a language, and shells are sh (for anyone) or console (for a cluster, docker)', async () => {
    const known = new Set(['sh', 'console', 'text', 'yaml', 'json', 'nix', 'mermaid']);
    for (const document of documents)
      for (const { language, line } of await blocksOf(document))
        assert.ok(known.has(language), `${document}:${line}: a block of the language "${language}"`);
  });

  test('every npm script and every command of the program that a document names is there', async () => {
    const manifest = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
    const commands = await read('cli/commands/index.ts');
    for (const document of documents)
      for (const block of await blocksOf(document)) {
        if (block.language !== 'sh' && block.language !== 'console') continue;
        for (const command of commandLines(block)) {
          const where = `${document}:${block.line}: ${command}`;
          const [, script] = /\bnpm (?:run )?(?:--silent )?([a-z][a-z:]*)/.exec(command) ?? [];
          if (script !== undefined && script !== 'ci') assert.ok(script in manifest.scripts, where);
          const [, word] = /\bniximage(?:\.mjs)? ([a-z]+)/.exec(command) ?? [];
          if (word !== undefined) assert.ok(commands.includes(`name: '${word}'`), where);
        }
      }
  });

  test('every file that a command or a link names is there', async () => {
    for (const document of documents) {
      const text = await read(document);
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, to = '']) =>
        posix.join(posix.dirname(document), to),
      );
      const words = [...text.matchAll(/\b(?:examples|docs)\/[\w./-]+\.(?:yaml|md)\b/g)].map(([path]) => path);
      for (const path of [...links, ...words])
        await assert.doesNotReject(access(projectFolder + path), `${document} names ${path}`);
    }
  });
});

describe('tracked files', () => {
  /** Written in two pieces, so that this file passes its own test. */
  const hosts = [
    ['registry.npmjs', 'org'],
    ['deb.debian', 'org'],
    ['security.debian', 'org'],
    ['proxy.golang', 'org'],
    ['files.pythonhosted', 'org'],
  ].map((parts) => parts.join('.'));
  const machinePaths = /(?<![\w.-])\/(?:work|root)\/[\w.]/;

  test('hold no path of a machine and no host of a package registry', async () => {
    const found: string[] = [];
    for (const path of files) {
      const lines = (await read(path)).split('\n');
      for (const [index, line] of lines.entries())
        if (machinePaths.test(line) || hosts.some((host) => line.includes(host)))
          found.push(`${path}:${index + 1}: ${line.trim().slice(0, 120)}`);
    }
    assert.deepEqual(found, []);
  });

  test('hold the whole text of the licence that package.json names', async () => {
    const manifest = JSON.parse(await read('package.json')) as { license: string };
    assert.equal(manifest.license, 'Apache-2.0');
    const licence = await read('LICENSE');
    for (const part of ['Version 2.0, January 2004', 'END OF TERMS AND CONDITIONS'])
      assert.ok(licence.includes(part));
  });
});

describe('package-lock.json', () => {
  interface Locked {
    readonly version?: string;
    readonly resolved?: string;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  }
  let packages: Record<string, Locked>;
  before(async () => {
    ({ packages } = JSON.parse(await read('package-lock.json')) as { packages: Record<string, Locked> });
  });

  test('names no registry: each machine asks its own', () => {
    const resolved = Object.entries(packages).filter(([, { resolved: from }]) => from !== undefined);
    assert.deepEqual(resolved, []);
  });

  test('names the optional packages of every platform: npm ci refuses a lock that leaves some out', () => {
    const missing: string[] = [];
    for (const [at, { optionalDependencies = {} }] of Object.entries(packages))
      for (const name of Object.keys(optionalDependencies))
        if (!(`node_modules/${name}` in packages) && !(`${at}/node_modules/${name}` in packages))
          missing.push(name);
    assert.deepEqual(missing, []);
  });
});

describe('fencedBlocks', () => {
  test('gives language, text and line', () => {
    assert.deepEqual(fencedBlocks('a\n```sh\nnpm test\n```\nb\n```\nx\ny\n```\n'), [
      { language: 'sh', text: 'npm test', line: 2 },
      { language: '', text: 'x\ny', line: 6 },
    ]);
  });
  test('refuses a block without an end', () => {
    assert.throws(() => fencedBlocks('```sh\nnpm test\n'), /line 1/);
  });
  test('command lines lose comments and keep continued lines together', () => {
    const text = '# first\nnpm test   # runs all\n\nskopeo copy \\\n  a b\n';
    assert.deepEqual(commandLines({ text }), ['npm test', 'skopeo copy a b']);
  });
});
