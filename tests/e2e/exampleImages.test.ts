import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../cli/up/ports.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { skopeo } from './support/clients.ts';
import { Bundle } from './support/container.ts';
import { niximage, project, Session } from './support/program.ts';

describe('each manifest of examples/ gives an image that does what its comment says', () => {
  const cleanups: (() => unknown)[] = [];
  const t = { after: (cleanup: () => unknown) => void cleanups.unshift(cleanup) };
  const used = new Set<string>();
  let folder: string;
  let port: number;

  before(async () => {
    folder = await temporaryFolder(t);
    await cp(join(project, 'examples'), join(folder, 'examples'), { recursive: true });
    port = await freePort();
    const words = ['--nixpkgs', 'demo', '--port', String(port), 'examples'];
    const { exitCode, stdout, stderr } = await niximage(['up', '--once', ...words], { cwd: folder });
    assert.equal(exitCode, 0, stdout + stderr);
    const session = Session.start(t, words, { cwd: folder });
    await session.says(/is Built\. To run it/);
  });

  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  async function unpacked(name: string, tag: string): Promise<Bundle> {
    used.add(`${name}.yaml`);
    const own = join(folder, name);
    await mkdir(own);
    await skopeo(`127.0.0.1:${port}/${name}:${tag}`, join(own, 'layout'), tag);
    return await Bundle.unpack(join(own, 'layout'), tag, own);
  }

  test('curl-and-jq: asks and filters', async () => {
    const bundle = await unpacked('curl-and-jq', 'v1');
    const { output } = await bundle.run('bash', '-c', 'curl -s file:///etc/passwd | jq -R .');
    assert.match(output, /^"root:/m);
  });

  test('hello: greets', async () => {
    const bundle = await unpacked('hello', '1.0');
    const { exitCode, output } = await bundle.run(...(await bundle.configuredArgs()));
    assert.match(output, /^Hello, world!$/);
    assert.equal(exitCode, 0);
  });

  test('git: begins a repository', async () => {
    const bundle = await unpacked('git', 'latest');
    const { exitCode, output } = await bundle.run('git', 'init', '/tmp/repository');
    assert.equal(exitCode, 0, output);
  });

  test('own-user: a user without rights, with a home, a locale, a time zone and a file', async () => {
    const bundle = await unpacked('own-user', 'v1');
    const script =
      'id -un; touch ~/mine && echo ~/mine; date -d @1767225600 "+%A %H:%M %Z"; cat /etc/greeting; date +%B -d 2026-03-01';
    const { output } = await bundle.run('bash', '-c', script);
    assert.deepEqual(output.split(/\r?\n/), [
      'web',
      '/home/web/mine',
      'Donnerstag 01:00 CET',
      'hello from a file',
      'März',
    ]);
  });

  test('overlay: runs a program of its own, which reads a file of a ConfigMap', async () => {
    const bundle = await unpacked('overlay', 'v1');
    const { exitCode, output } = await bundle.run(...(await bundle.configuredArgs()));
    assert.match(output, /^hello from a ConfigMap$/m);
    assert.equal(exitCode, 0);
  });

  test('python: has its packages, and nothing but programs', async () => {
    const bundle = await unpacked('python', 'v1');
    const script = "import os, requests; print(requests.codes.ok, sorted(os.listdir('/')))";
    const { output } = await bundle.run('python3', '-c', script);
    assert.match(output, /^200 \['bin', .*'etc'/m);
    assert.doesNotMatch(output, /'lib'|'share'/);
  });

  test('web-server: shows its folder, as a user without rights, and ends at SIGINT', async () => {
    const bundle = await unpacked('web-server', 'v1');
    const args = await bundle.configuredArgs();
    assert.equal(args.at(-1), '8080');
    const listening = await freePort();
    const server = await bundle.serve(...args.slice(0, -1), String(listening));
    const ended = once(server, 'exit');
    const page = await answerOf(`http://127.0.0.1:${listening}/`, () => server.exitCode !== null);
    assert.match(page, /Directory listing for \//);
    server.kill('SIGINT');
    const [exitCode] = await ended;
    assert.equal(exitCode, 0);
  });

  test('no example is left out', async () => {
    const files = await readdir(join(project, 'examples'));
    assert.deepEqual(
      files.filter((file) => !used.has(file)),
      [],
    );
  });
});

/** What a server answers as soon as it listens; nothing but its port tells when that is. */
async function answerOf(url: string, isOver: () => boolean): Promise<string> {
  while (!isOver()) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer !== undefined) return await answer.text();
    await delay(20);
  }
  return assert.fail('the server ended before it answered');
}
