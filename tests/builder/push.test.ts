import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { runBuilder } from '../../builder/main.ts';
import { nixConfig as settingsOf } from '../../hooks/children/fetching.ts';
import type { BuildReport } from '../../runtime/contract/report.ts';
import { nixConfig } from '../support/nixConfig.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { podBench } from './support/pod.ts';
import { removeFromStore } from './support/removeFromStore.ts';

type NixOptions = Parameters<typeof settingsOf>[1];

const password = 'correct-horse-battery';

/** A binary cache over HTTP, for whoever shows the password; it keeps what it is sent. */
async function httpCache(t: TestContext): Promise<{ url: string; files: ReadonlyMap<string, Buffer> }> {
  const files = new Map<string, Buffer>();
  const wanted = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    void (async () => {
      const name = (request.url ?? '').slice(1);
      const body = await buffer(request);
      if (request.headers.authorization !== wanted) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="cache"' }).end();
        return;
      }
      if (request.method === 'PUT') files.set(name, body);
      const found = files.get(name);
      if (found === undefined) response.writeHead(404).end();
      else response.end(request.method === 'GET' ? found : '');
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { url: `http://127.0.0.1:${address.port}`, files };
}

/** A folder as a Pod mounts its Secrets, with a password and a new signing key. */
async function secretsFolder(
  t: TestContext,
): Promise<{ folder: string; secretKey: string; publicKey: string }> {
  const folder = await temporaryFolder(t);
  for (const kind of ['netrc', 'signingKey']) await mkdir(join(folder, kind));
  await writeFile(join(folder, 'netrc/netrc'), `machine 127.0.0.1 login me password ${password}\n`);
  const file = join(folder, 'signingKey/secret-key');
  const words = ['--generate-binary-cache-key', 'test-1', file, join(folder, 'public')];
  await execa('nix-store', words, { env: { NIX_CONFIG: nixConfig } });
  const [secretKey = '', publicKey = ''] = await Promise.all(
    [file, join(folder, 'public')].map(async (path) => (await readFile(path, 'utf8')).trim()),
  );
  return { folder, secretKey, publicKey };
}

async function build(
  t: TestContext,
  pushTo: readonly string[],
  secrets?: string,
  { contents = 'curl', nix = {} }: { readonly contents?: string; readonly nix?: NixOptions } = {},
): Promise<{ report: BuildReport; log: string }> {
  const bench = await podBench(t, contents);
  const environment = {
    ...bench.environment,
    NIX_CONFIG: settingsOf(nixConfig, nix),
    NIXIMAGE_PUSH_TO: pushTo.join(' '),
    ...(secrets === undefined ? {} : { NIXIMAGE_SECRETS: secrets }),
  };
  const lines: string[] = [];
  const output = { write: (text: string) => lines.push(text) > 0, once: () => undefined };
  await runBuilder(bench.words(), environment, t.signal, output);
  return { report: await bench.report(), log: lines.join('') };
}

/** A package that can be built only as long as the file is there. */
function gated(gate: string): string {
  return `(derivation {
    name = "gated"; system = builtins.currentSystem; builder = "/bin/sh";
    args = [ "-c" "/bin/mkdir $out; /bin/cat ${gate} > $out/gated" ];
  })`;
}

test('what was copied into a private cache comes from it for whoever has the password, and trusts the key', async (t) => {
  const cache = await httpCache(t);
  const { folder, publicKey } = await secretsFolder(t);
  const gate = join(await temporaryFolder(t), 'gate');
  await writeFile(gate, 'from the cache\n');
  const contents = gated(gate);
  assert.equal((await build(t, [cache.url], folder, { contents })).report.result, 'Built');
  await removeFromStore(contents);
  await rm(gate);
  const nix = { substituters: [cache.url], trustedPublicKeys: [publicKey] };
  const stranger = await build(t, [], undefined, { contents, nix });
  assert.ok(stranger.report.result === 'Failed', 'without the password');
  const served = await build(t, [], folder, { contents, nix });
  assert.equal(served.report.result, 'Built', served.log);
});

describe('the packages of an image are copied into a cache', () => {
  test('that is a folder', async (t) => {
    const folder = join(await temporaryFolder(t), 'cache');
    const { report, log } = await build(t, [`file://${folder}`]);
    assert.equal(report.result, 'Built', log);
    assert.match(log, /\d+ store paths are in file:/);
    assert.ok((await readdir(folder)).some((name) => name.endsWith('.narinfo')));
  });

  test('that takes them over HTTP from whoever has the password, signed with the key of the Secret', async (t) => {
    const cache = await httpCache(t);
    const { folder, secretKey } = await secretsFolder(t);
    const { report, log } = await build(t, [cache.url], folder);
    assert.equal(report.result, 'Built', log);
    const infos = [...cache.files].filter(([name]) => name.endsWith('.narinfo'));
    assert.ok(infos.length > 0, log);
    for (const [, text] of infos) assert.match(text.toString(), /^Sig: test-1:/m);
    for (const secret of [password, secretKey.slice('test-1:'.length)])
      assert.ok(!log.includes(secret) && !JSON.stringify(report).includes(secret));
  });

  test('that refuses: the image is built, and the log says why, and the next cache is tried', async (t) => {
    const cache = await httpCache(t);
    const folder = join(await temporaryFolder(t), 'cache');
    const { report, log } = await build(t, [cache.url, `file://${folder}`]);
    assert.equal(report.result, 'Built', log);
    assert.match(log, /the packages could not be copied into http:.* does not appear to be a binary cache/);
    assert.match(log, /\d+ store paths are in file:/);
  });

  test('that is away: the image is built, and the log says why', async (t) => {
    const { report, log } = await build(t, ['http://127.0.0.1:1']);
    assert.equal(report.result, 'Built', log);
    assert.match(log, /the packages could not be copied into http:\/\/127\.0\.0\.1:1: /);
  });
});
