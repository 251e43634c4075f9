import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isOlder, nixVersion, parseNixVersion } from '../../../cli/up/nix.ts';
import {
  defaultSource,
  namedSource,
  placeOf,
  probe,
  type Surroundings,
} from '../../../cli/up/packageSource.ts';
import { pinnedNixpkgs } from '../../../hooks/pinnedNixpkgs.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const path = process.env['PATH'];
const around = (more: Partial<Surroundings>): Surroundings => ({
  env: { PATH: path, NIX_PATH: 'nothing=/nowhere', HOME: '/nowhere' },
  cwd: '/here',
  nix: [2, 26, 3],
  reachable: async () => false,
  ...more,
});

async function fakeNixpkgs(folder: string, least: string): Promise<string> {
  await mkdir(join(folder, 'lib'), { recursive: true });
  await writeFile(join(folder, 'default.nix'), '{ }: { }\n');
  await writeFile(join(folder, 'lib', 'minver.nix'), `# Expose the minimum required version\n"${least}"\n`);
  return folder;
}

describe('without --nixpkgs', () => {
  test('<nixpkgs> of NIX_PATH is taken where it resolves', async (t) => {
    const nixpkgs = await fakeNixpkgs(await temporaryFolder(t), '2.3');
    const source = await defaultSource(around({ env: { PATH: path, NIX_PATH: `nixpkgs=${nixpkgs}` } }));
    assert.deepEqual(source, { set: 'nixpkgs', from: nixpkgs });
  });

  test('one that wants a newer Nix is not taken, and the line says so', async (t) => {
    const nixpkgs = await fakeNixpkgs(await temporaryFolder(t), '2.18');
    const env = { PATH: path, NIX_PATH: `nixpkgs=${nixpkgs}` };
    const source = await defaultSource(around({ env, nix: [2, 8, 0] }));
    assert.equal(source.set, 'demo');
    assert.match(
      source.set === 'demo' ? (source.why ?? '') : '',
      /^Nix 2\.8\.0 is older than the 2\.18 that <nixpkgs> /,
    );
  });

  test('else the pinned release, where it answers', async () => {
    const source = await defaultSource(around({ reachable: async (url) => url === pinnedNixpkgs }));
    assert.deepEqual(source, { set: 'nixpkgs', from: pinnedNixpkgs });
  });

  test('else the offline set, with a line', async () => {
    const source = await defaultSource(around({}));
    assert.equal(source.set, 'demo');
    assert.match(source.set === 'demo' ? (source.why ?? '') : '', /cannot be reached .*\(demo\)/);
  });

  test('an old Nix is not even asked to try the network', async () => {
    const source = await defaultSource(
      around({ nix: [2, 8, 0], reachable: () => assert.fail('asked the network') }),
    );
    assert.equal(source.set, 'demo');
  });
});

describe('with --nixpkgs', () => {
  test('demo is the offline set, with nothing to explain', async () => {
    assert.deepEqual(await namedSource('demo', around({})), { set: 'demo' });
  });

  test('a folder', async (t) => {
    const nixpkgs = await fakeNixpkgs(await temporaryFolder(t), '2.18');
    assert.deepEqual(await namedSource(nixpkgs, around({})), { set: 'nixpkgs', from: nixpkgs });
  });

  const refused: readonly { readonly value: string; readonly says: RegExp }[] = [
    { value: './nothing', says: /\/here\/nothing holds no default\.nix/ },
    { value: 'https://example.invalid/x.tar.gz', says: /does not answer/ },
    { value: 'nixos-99.11', says: /channels\.nixos\.org\/nixos-99\.11\/nixexprs\.tar\.xz does not answer/ },
    { value: 'curl', says: /is no path, URL or channel: write \.\/curl/ },
  ];
  for (const { value, says } of refused)
    test(`${value} is an error, no other set is taken`, async () => {
      await assert.rejects(namedSource(value, around({})), { name: 'PackageSourceError', message: says });
    });

  const places: readonly { readonly value: string; readonly at: string | undefined }[] = [
    { value: 'nixos-25.11', at: 'https://channels.nixos.org/nixos-25.11/nixexprs.tar.xz' },
    { value: 'channel:nixpkgs-unstable', at: 'https://channels.nixos.org/nixpkgs-unstable/nixexprs.tar.xz' },
    { value: 'https://example.org/a.tar.gz', at: 'https://example.org/a.tar.gz' },
    { value: '../up', at: '/up' },
    { value: '.', at: '/here' },
    { value: 'word', at: undefined },
  ];
  for (const { value, at } of places)
    test(`${value} stands for ${at}`, () => assert.equal(placeOf(value, '/here')?.at, at));
});

test('a probe is true only for a URL that answers well, and never throws', async (t) => {
  const server = createServer((request, response) =>
    response.writeHead(request.url === '/there' ? 200 : 404).end(),
  );
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.equal(await probe(`http://127.0.0.1:${port}/there`), true);
  assert.equal(await probe(`http://127.0.0.1:${port}/gone`), false);
  assert.equal(await probe('http://name.invalid/'), false);
  assert.equal(await probe(`file://${import.meta.filename}`), true);
  assert.equal(await probe('file:///nowhere'), false);
});

test('versions of Nix are read and compared', () => {
  assert.deepEqual(parseNixVersion('nix-build (Nix) 2.8.0'), [2, 8, 0]);
  assert.deepEqual(parseNixVersion('nix-build (Nix) 2.26.3pre20250101_abc'), [2, 26, 3]);
  assert.deepEqual(parseNixVersion('nix-build (Lix, like Nix) 2.91'), [2, 91, 0]);
  assert.equal(parseNixVersion('command not found'), undefined);
  assert.equal(isOlder([2, 8, 0], [2, 18]), true);
  assert.equal(isOlder([2, 18], [2, 18]), false);
  assert.equal(isOlder([2, 18, 0], [2, 18]), false);
  assert.equal(isOlder([3], [2, 18]), false);
});

test('a machine without Nix is told what to install and how', async (t) => {
  const empty = await temporaryFolder(t);
  await assert.rejects(nixVersion({ PATH: empty }), {
    code: 'NIX_MISSING',
    message: /apt-get install nix-bin/,
  });
});
