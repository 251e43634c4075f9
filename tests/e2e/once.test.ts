import assert from 'node:assert/strict';
import { copyFile, lstat, mkdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../../cli/up/ports.ts';
import { startContainerd } from '../support/containerd.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { type Client, containerdClient, crane, skopeo } from './support/clients.ts';
import { Bundle } from './support/container.ts';
import { niximage, project, Session } from './support/program.ts';

describe('examples/curl-and-jq.yaml, from an empty state to a container that runs', () => {
  const cleanups: (() => unknown)[] = [];
  const t = { after: (cleanup: () => unknown) => void cleanups.unshift(cleanup) };
  let folder: string;
  let port: number;
  let reference: string;

  before(async () => {
    folder = await temporaryFolder(t);
    await copyFile(join(project, 'examples', 'curl-and-jq.yaml'), join(folder, 'curl-and-jq.yaml'));
    port = await freePort();
    reference = `127.0.0.1:${port}/curl-and-jq:v1`;
    const words = ['up', '--once', '--nixpkgs', 'demo', '--port', String(port), 'curl-and-jq.yaml'];
    const { exitCode, stdout, stderr } = await niximage(words, { cwd: folder });
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /curl-and-jq {3}v1 {3,}Built \(demo\)/);
    assert.ok(stdout.includes(reference), 'the reference is printed');
    // The image is served from what the first start left behind; nothing is built again.
    const session = Session.start(t, ['--nixpkgs', 'demo', '--port', String(port), 'curl-and-jq.yaml'], {
      cwd: folder,
    });
    await session.says(/Built \(demo\)/);
    assert.doesNotMatch(session.output, /Building/);
  });

  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  const clients: readonly { readonly name: string; client(): Promise<Client> }[] = [
    { name: 'skopeo', client: async () => skopeo },
    { name: 'crane', client: async () => crane },
    { name: 'containerd', client: async () => containerdClient(await startContainerd(t)) },
  ];
  for (const { name, client } of clients)
    test(`pulled with ${name}, unpacked, curl, jq and bash run in it`, async () => {
      const own = join(folder, name);
      await mkdir(own, { recursive: true });
      const pull = await client();
      await pull(reference, join(own, 'layout'), 'v1');
      const bundle = await Bundle.unpack(join(own, 'layout'), 'v1', own);
      const runs: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
        { args: ['curl', '--version'], says: /^curl \d+\.\d+/ },
        { args: ['jq', '-n', '1+1'], says: /^2$/ },
        { args: ['bash', '-c', 'echo ok'], says: /^ok$/ },
      ];
      for (const { args, says } of runs) {
        const { exitCode, output } = await bundle.run(...args);
        assert.match(output, says, args.join(' '));
        assert.equal(exitCode, 0, args.join(' '));
      }
    });

  test('the image is usable as it stands: /tmp, certificates, env, users, a command', async () => {
    const own = join(folder, 'defaults');
    await mkdir(own);
    await skopeo(reference, join(own, 'layout'), 'v1');
    const bundle = await Bundle.unpack(join(own, 'layout'), 'v1', own);
    assert.deepEqual(await bundle.configuredArgs(), ['/bin/bash']);
    assert.equal((await stat(join(bundle.rootfs, 'tmp'))).mode & 0o7777, 0o1777);
    assert.match(await readFile(join(bundle.rootfs, 'etc', 'passwd'), 'utf8'), /^root:/m);
    assert.match(await readFile(join(bundle.rootfs, 'etc', 'group'), 'utf8'), /^root:/m);
    const env = join(bundle.rootfs, 'usr', 'bin', 'env');
    if ((await lstat(env)).isSymbolicLink()) assert.match(await readlink(env), /^\/nix\/store\//);
    const { exitCode, output } = await bundle.run(
      'bash',
      '-c',
      'test -r "$SSL_CERT_FILE" && read -r line < "$SSL_CERT_FILE" && echo "$line"; : > /tmp/x && echo written; /usr/bin/env bash -c "echo env"; echo ~',
    );
    assert.equal(exitCode, 0, output);
    assert.match(output, /written\nenv\n\/var\/empty$/);
  });

  test('get and logs print what is known of it, which are asked of the state folder', async () => {
    const table = await niximage(['get'], { cwd: folder });
    assert.match(table.stdout, /^NAME +VERSION +STATUS\ncurl-and-jq +v1 +Built\n?$/);
    const wide = await niximage(['get', '-o', 'wide'], { cwd: folder });
    assert.match(wide.stdout, /^NAME .* DIGEST .* SIZE +AGE/);
    const { stdout } = await niximage(['get', 'curl-and-jq', '-o', 'json'], { cwd: folder });
    const { metadata, status } = JSON.parse(stdout);
    assert.equal(metadata.name, 'curl-and-jq');
    assert.equal(status.image, reference);
    assert.ok(wide.stdout.includes(status.digest));
    const log = await niximage(['logs', 'curl-and-jq'], { cwd: folder });
    assert.ok(log.stdout.trimEnd().endsWith(`built ${status.digest}`), log.stdout);
    for (const words of [
      ['get', 'other'],
      ['logs', 'other'],
    ]) {
      const { exitCode, stderr } = await niximage(words, { cwd: folder });
      assert.match(stderr, /^there is no image called other in /);
      assert.equal(exitCode, 1);
    }
  });

  test('a second start of what is Built builds nothing', async () => {
    const other = await freePort();
    // The store and the objects are the first session's; it runs on, so this one has a copy.
    const state = join(folder, 'copy');
    await copyTree(join(folder, '.niximage'), state);
    const words = [
      'up',
      '--once',
      '--nixpkgs',
      'demo',
      '--state',
      state,
      '--port',
      String(other),
      'curl-and-jq.yaml',
    ];
    const { exitCode, stdout, stderr } = await niximage(words, { cwd: folder, timeout: 120_000 });
    assert.equal(exitCode, 0, stdout + stderr);
    assert.doesNotMatch(stdout, /Building/);
  });
});

async function copyTree(from: string, to: string): Promise<void> {
  const { cp, rm } = await import('node:fs/promises');
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
  await rm(join(to, 'session.json'));
}
