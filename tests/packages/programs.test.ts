import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { execa } from 'execa';
import { temporaryFolder } from '../support/tmp.ts';
import { only, packageSetNix } from './support/nix.ts';

const programs = [
  { command: ['/bin/curl', '--version'], prints: /^curl \d/, reason: 'curl and its libraries' },
  {
    command: ['/bin/curl', '-sS', 'http://127.0.0.1:1'],
    prints: /Failed to connect/,
    reason: 'its resolver',
  },
  { command: ['/bin/jq', '-n', '1+1'], prints: /^2$/, reason: 'jq' },
  { command: ['/bin/bash', '-c', 'echo ok'], prints: /^ok$/, reason: 'bash' },
  { command: ['/bin/sh', '-c', 'echo $((1 + 1))'], prints: /^2$/, reason: 'bash holds bin/sh' },
  { command: ['/bin/env', 'A=b', '/bin/sh', '-c', 'echo $A'], prints: /^b$/, reason: 'coreutils' },
  { command: ['/bin/hello'], prints: /^Hello, world!$/, reason: 'hello' },
  { command: ['/bin/grep', '-c', 'root', '/bin/no'], prints: /No such file/, reason: 'gnugrep' },
  {
    command: [
      '/bin/python3',
      '-c',
      'import ssl, json, sqlite3, ctypes, lzma; print(json.dumps(ssl.HAS_TLSv1_3))',
    ],
    prints: /^true$/,
    reason: 'python3 with what links against other packages',
  },
  { command: ['/bin/nginx', '-v'], prints: /^nginx version: nginx\/\d/, reason: 'nginx stands in bin' },
  { command: ['/bin/busybox', 'echo', 'static'], prints: /^static$/, reason: 'busybox needs nothing' },
  { command: ['/bin/git', '--version'], prints: /^git version \d/, reason: 'git' },
  {
    command: [
      '/bin/bash',
      '-ec',
      'cd /tmp; export HOME=/tmp PATH=/bin; git init -q a; git -C a -c user.name=n -c user.email=e commit -q --allow-empty -m first; git clone -q a b; git -C b log --format=%s',
    ],
    prints: /^first$/,
    reason: 'git finds its helpers and templates, which stand elsewhere than in Debian',
  },
  {
    command: ['/bin/grep', '-c', 'BEGIN CERTIFICATE', '/etc/ssl/certs/ca-bundle.crt'],
    prints: /^\d\d\d$/,
    reason: 'cacert holds a bundle of more than a hundred certificates',
  },
] as const;

describe('the programs of the set run in a root that holds nothing but the image', () => {
  let root: string;
  const cleanUps: (() => unknown)[] = [];
  after(async () => {
    for (const cleanUp of cleanUps) await cleanUp();
  });

  before(async () => {
    const folder = await temporaryFolder({ after: (cleanUp: () => unknown) => void cleanUps.push(cleanUp) });
    const { build } = await packageSetNix();
    const archive = only(
      await build(`dockerTools.buildLayeredImage {
        name = "all"; tag = "v1"; compressor = "none";
        contents = [ bash coreutils curl jq hello git python3 nginx cacert gnugrep gnused busybox ];
        extraCommands = "mkdir -m 1777 tmp";
      }`),
    );
    const unpacked = join(folder, 'archive');
    root = join(folder, 'root');
    await mkdir(unpacked);
    await mkdir(join(root, 'dev'), { recursive: true });
    await execa('tar', ['-xf', archive, '-C', unpacked]);
    const manifest: unknown = JSON.parse(await readFile(join(unpacked, 'manifest.json'), 'utf8'));
    const [{ Layers }] = manifest as [{ Layers: string[] }];
    for (const layer of Layers) await execa('tar', ['-xf', join(unpacked, layer), '-C', root]);
    // Every container runtime makes these two.
    await execa('mknod', ['-m', '666', join(root, 'dev/null'), 'c', '1', '3']);
    await execa('mknod', ['-m', '666', join(root, 'dev/urandom'), 'c', '1', '9']);
  });

  for (const { command, prints, reason } of programs)
    test(reason, async () => {
      const { all } = await execa('chroot', [root, ...command], {
        all: true,
        reject: false,
        env: {},
        extendEnv: true,
      });
      assert.match(all.split('\n')[0] ?? '', prints);
    });
});
