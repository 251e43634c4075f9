import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execa } from 'execa';
import { only, packageSetNix } from './support/nix.ts';

test('a program names the loader and the folders of just the libraries it needs, all in the store', async () => {
  const { build } = await packageSetNix();
  const curl = only(await build('curl'));
  const { stdout } = await execa('readelf', ['-ld', `${curl}/bin/curl`]);
  assert.match(stdout, /program interpreter: \/nix\/store\/[^\s/]*-libc6-[^\s/]*\/lib\//);
  const [, path = ''] = /(?:RUNPATH|RPATH).*\[(.*)\]/.exec(stdout) ?? [];
  const packages = path
    .split(':')
    .map((folder) => /^\/nix\/store\/[a-z0-9]{32}-([a-z0-9]+)-/.exec(folder)?.[1] ?? folder);
  assert.deepEqual(packages.sort(), ['libc6', 'libcurl4', 'zlib1g']);
});

test("Nix finds the references by itself, so that a closure is what is needed, and nothing of the machine's", async () => {
  const { build } = await packageSetNix();
  const jq = only(await build('jq'));
  const { stdout } = await execa('nix-store', ['--query', '--requisites', jq]);
  const names = stdout.split('\n').map((path) => path.replace(/^\/nix\/store\/[a-z0-9]{32}-/, ''));
  assert.deepEqual(names.map((name) => name.replace(/-[0-9].*/, '')).sort(), [
    'jq',
    'libc6',
    'libjq1',
    'libonig5',
  ]);
});

test('no file keeps a set-user-id bit, a link into the machine, or a page of documentation', async () => {
  const { build } = await packageSetNix();
  const paths = await build('[ bash coreutils curl curl.dev git python3 nginx cacert busybox ]');
  const { stdout } = await execa('nix-store', ['--query', '--requisites', ...paths]);
  const questions = [
    '-perm',
    '/6000',
    '-o',
    '-xtype',
    'l',
    '-o',
    '-path',
    '*/share/man/*',
    '-o',
    '-path',
    '*/share/doc/*',
  ];
  const found = await execa('find', [...stdout.split('\n'), ...questions]);
  assert.equal(found.stdout, '');
});
