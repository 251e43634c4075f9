import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { runBuilder } from '../../builder/main.ts';
import { readSecrets, withSecrets } from '../../builder/secrets.ts';
import { gitRepository } from '../support/gitRepository.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { podBench } from './support/pod.ts';

const password = 'correct-horse-battery';
const key =
  '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n';

/** A folder as a Pod mounts its Secrets: one folder a kind, one file a key. */
async function mounted(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const netrc = `machine 127.0.0.1 login me password ${password}\n`;

describe('readSecrets', () => {
  const rows: { reason: string; files: Readonly<Record<string, string>>; text: string; gives: string }[] = [
    { reason: 'a password', files: { 'netrc/netrc': netrc }, text: `a ${password} b`, gives: 'a (secret) b' },
    {
      reason: 'a token, of several',
      files: { 'accessTokens/access-tokens': 'a.example=tok-one-1 b.example=tok-two-2\n' },
      text: 'tok-two-2, tok-one-1',
      gives: '(secret), (secret)',
    },
    {
      reason: 'a line of a key',
      files: { 'ssh/ssh-privatekey': key },
      text: 'b3BlbnNzaC1rZXktdjEAAAAA',
      gives: '(secret)',
    },
    {
      reason: 'the longer of two, of which one is a part of the other',
      files: { 'accessTokens/access-tokens': 'a=abcdef b=abcdefgh' },
      text: 'abcdefgh',
      gives: '(secret)',
    },
    {
      reason: 'not what is too short to be one',
      files: { 'netrc/netrc': 'machine a login b password c' },
      text: 'c is a letter',
      gives: 'c is a letter',
    },
  ];
  for (const { reason, files, text, gives } of rows)
    test(`takes out ${reason}`, async (t) => {
      const { redact } = await readSecrets(await mounted(t, files));
      assert.equal(redact(text), gives);
    });

  test('without a folder there are none', async () => {
    const { environment, redact } = await readSecrets(undefined);
    assert.deepEqual(await environment('/nowhere'), {});
    assert.equal(redact('text'), 'text');
  });

  test('what is secret goes by files of the owner alone, and by the environment', async (t) => {
    const folder = await mounted(t, {
      'netrc/netrc': netrc,
      'ssh/ssh-privatekey': key,
      'ssh/known_hosts': 'a.example ssh-ed25519 AAAA\n',
      'accessTokens/access-tokens': 'a.example=token-1\n b.example=token-2\n',
    });
    const home = join(folder, 'home');
    const { environment } = await readSecrets(folder);
    const found = withSecrets({ PATH: '/bin', NIX_CONFIG: 'substituters =' }, await environment(home));
    assert.deepEqual(found['NIX_CONFIG']?.split('\n'), [
      'substituters =',
      `netrc-file = ${folder}/netrc/netrc`,
      'access-tokens = a.example=token-1 b.example=token-2',
    ]);
    assert.equal(found['PATH'], '/bin');
    assert.match(found['GIT_SSH_COMMAND'] ?? '', /^ssh -i .* -o UserKnownHostsFile=.*\/ssh\/known_hosts$/);
    for (const file of ['.netrc', 'ssh-privatekey'])
      assert.equal((await stat(join(home, file))).mode & 0o777, 0o600);
  });
});

/** Serves one tarball to whoever shows the password. */
async function tarballServer(t: TestContext): Promise<string> {
  const repository = await gitRepository(t);
  const rev = await repository.commit({ 'default.nix': 'final: prev: { }\n' });
  const file = join(await temporaryFolder(t), 'tools.tar.gz');
  await execa('git', ['archive', '--prefix=tools/', '--output', file, rev], { cwd: repository.folder });
  const wanted = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    void (async () => {
      if (request.headers.authorization === wanted) response.end(await readFile(file));
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="tools"' }).end();
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}/tools.tar.gz`;
}

describe('a builder with secrets', () => {
  test('fetches with the password, which without it cannot be', async (t) => {
    const sources = [{ name: 'tools', tarball: { url: await tarballServer(t) } }];
    const bench = await podBench(t, 'curl');
    const words = [...bench.words(), `--sources=${JSON.stringify(sources)}`];
    const output = { write: () => true, once: () => undefined };
    assert.equal(await runBuilder(words, bench.environment, t.signal, output), 1);
    const refused = await bench.report();
    assert.ok(refused.result === 'Failed');
    assert.equal(refused.reason, 'FetchFailed');
    assert.match(refused.message, /^data\.sources: tools: .*HTTP error 401/);
    const environment = {
      ...bench.environment,
      NIXIMAGE_SECRETS: await mounted(t, { 'netrc/netrc': netrc }),
    };
    assert.equal(await runBuilder(words, environment, t.signal, output), 0);
  });

  test('says nothing of them in its log and its report, whatever the expression says', async (t) => {
    const secrets = await mounted(t, { 'netrc/netrc': netrc });
    const bench = await podBench(t, `(throw (builtins.readFile ${secrets}/netrc/netrc))`);
    const lines: string[] = [];
    const output = { write: (text: string) => lines.push(text) > 0, once: () => undefined };
    const environment = { ...bench.environment, NIXIMAGE_SECRETS: secrets };
    assert.equal(await runBuilder(bench.words(), environment, t.signal, output), 1);
    const report = await bench.report();
    assert.ok(report.result === 'Failed');
    assert.match(report.message, /login me password \(secret\)/);
    assert.ok(!JSON.stringify([report, lines]).includes(password));
  });
});
