import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../../cli/up/ports.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { manifest } from './support/manifest.ts';
import { niximage, type Ran } from './support/program.ts';

describe('images that Nix or the hook refuses fail with a sentence, the others are built', () => {
  const rows: readonly {
    readonly name: string;
    readonly data: Readonly<Record<string, unknown>>;
    readonly says: RegExp;
  }[] = [
    { name: 'unknown', data: { contents: ['crul'] }, says: /crul.*did you mean curl/i },
    { name: 'no-package', data: { contents: ['no-package-set'] }, says: /no-package-set/ },
    {
      name: 'broken-build',
      data: { contents: ['broken-build'] },
      says: /broken-build[^]*checking for a reason to go on/,
    },
    { name: 'good', data: { contents: ['hello'] }, says: /good:latest is Built/ },
  ];
  const cleanups: (() => unknown)[] = [];
  let ran: Ran;

  before(async () => {
    const folder = await temporaryFolder({ after: (cleanup: () => unknown) => void cleanups.push(cleanup) });
    for (const { name, data } of rows) await writeFile(join(folder, `${name}.yaml`), manifest(name, data));
    const port = String(await freePort());
    ran = await niximage(['up', '--once', '--nixpkgs', 'demo', '--port', port, '.'], { cwd: folder });
  });

  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  for (const { name, says } of rows)
    test(name, () => {
      assert.match(ran.stdout, says);
    });

  test('the exit code is 1, since one failed', () => assert.equal(ran.exitCode, 1));
});

describe('what cannot even be applied', () => {
  const rows: readonly { readonly reason: string; readonly text: string; readonly says: RegExp }[] = [
    { reason: 'no YAML', text: 'a: [\n', says: /x\.yaml:\d+:\d+: this is not YAML/ },
    {
      reason: 'a number for a tag',
      text: manifest('x', { contents: ['hello'] }).replace('\ndata:', '\ndata:\n  tag: 1.28'),
      says: /x\.yaml:6:8: data\.tag is the number 1\.28 here; quote it: tag: "1\.28"/,
    },
    {
      reason: 'another kind',
      text: 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n',
      says: /x\.yaml:2:7: Deployment \(apps\/v1\) is no NixImage/,
    },
    {
      reason: 'one name twice',
      text: `${manifest('x', { contents: ['hello'] })}---\n${manifest('x', { contents: ['jq'] })}`,
      says: /x\.yaml:4:9: .*x\.yaml:12:9/,
    },
    {
      reason: 'a tag for a shell',
      text: manifest('x', { tag: 'x"; touch F; : "', contents: ['hello'] }),
      says: /x\.yaml:6:8: data\.tag/,
    },
    {
      reason: 'a name for a shell',
      text: manifest('x; touch F', { contents: ['hello'] }),
      says: /x\.yaml:4:9: metadata\.name/,
    },
    { reason: 'empty contents', text: manifest('x', { contents: [] }), says: /x\.yaml:6:13: data\.contents/ },
    { reason: 'spec for data', text: manifest('x', {}).replace('\ndata:', '\nspec:'), says: /data/ },
  ];
  for (const { reason, text, says } of rows)
    test(reason, async (t) => {
      const folder = await temporaryFolder(t);
      await writeFile(join(folder, 'x.yaml'), text);
      const validated = await niximage(['validate', 'x.yaml'], { cwd: folder });
      assert.match(validated.stderr, says);
      assert.match(validated.stderr, /^\d+ problems?$/m);
      assert.equal(validated.exitCode, 1);
    });
});

describe('surroundings', () => {
  const good = manifest('good', { contents: ['hello'] });

  test('a port in use', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'good.yaml'), good);
    const server = createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { exitCode, stderr } = await niximage(
      ['up', '--once', '--nixpkgs', 'demo', '--port', String(port), 'good.yaml'],
      { cwd: folder },
    );
    assert.equal(exitCode, 1);
    assert.match(stderr, new RegExp(`^port ${port} of 127\\.0\\.0\\.1 is in use .*--port`));
    assert.equal(stderr.trim().split('\n').length, 1);
  });

  test('no Nix', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'good.yaml'), good);
    for (const words of [['up', '--once', '--port', String(await freePort())], ['build']]) {
      const { exitCode, stderr } = await niximage([...words, 'good.yaml'], {
        cwd: folder,
        env: { PATH: dirname(process.execPath) },
      });
      assert.equal(exitCode, 1);
      assert.match(stderr, /^Nix is needed to build images/);
      assert.equal(stderr.trim().split('\n').length, 1);
    }
  });

  test('packages that were asked for and are not there', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'good.yaml'), good);
    const { exitCode, stderr } = await niximage(
      ['up', '--once', '--nixpkgs', './nowhere', '--port', String(await freePort()), 'good.yaml'],
      { cwd: folder },
    );
    assert.equal(exitCode, 1);
    assert.match(stderr, /^--nixpkgs \.\/nowhere cannot be used: .*nowhere holds no default\.nix/);
  });
});
