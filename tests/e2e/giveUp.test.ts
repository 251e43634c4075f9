import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../support/tmp.ts';
import { manifest } from './support/manifest.ts';
import { niximage } from './support/program.ts';

/** Where nothing listens: a port that only the machine's administrator can give away. */
const nowhere = 'http://127.0.0.1:1';

/** A server that answers everything with one status. */
async function answering(t: TestContext, status: number | undefined): Promise<string> {
  if (status === undefined) return nowhere;
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end('it is broken'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const rows: readonly {
  readonly reason: string;
  /** The status of each answer; undefined where nothing listens. */
  readonly hook: number | undefined;
  readonly keeper: number | undefined;
  readonly says: RegExp;
}[] = [
  {
    reason: 'the hook answers 500 for ever',
    hook: 500,
    keeper: 201,
    says: /unsupported status code: 500 body: it is broken/,
  },
  { reason: 'the hook answers 429 for ever', hook: 429, keeper: 201, says: /the hook asks to be left alone/ },
  {
    reason: 'the keeper makes no namespace',
    hook: 200,
    keeper: 503,
    says: /the keeper at http:\S+ says: status 503/,
  },
  {
    reason: 'the keeper asks for another token',
    hook: 200,
    keeper: 401,
    says: /the keeper at http:\S+ does not take the token that it is shown; give both the same one/,
  },
  {
    reason: 'there is no keeper',
    hook: 200,
    keeper: undefined,
    says: /the keeper at http:\S+ does not answer: connect ECONNREFUSED/,
  },
  {
    reason: 'there is no hook',
    hook: undefined,
    keeper: 201,
    says: /the hook at http:\S+ does not answer: connect ECONNREFUSED/,
  },
];

for (const { reason, hook, keeper, says } of rows)
  test(`up --once ends with exit code 1 where ${reason}`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'x.yaml'), manifest('x', { contents: ['hello'] }));
    await writeFile(join(folder, 'token'), 'a token');
    const options = [
      `--hook-url=${await answering(t, hook)}`,
      '--hook-token-file=token',
      `--keeper-url=${await answering(t, keeper)}`,
      '--keeper-token-file=token',
    ];
    const words = ['up', '--once', '--give-up-after', '200ms', ...options, 'x.yaml'];
    const { exitCode, stdout, stderr } = await niximage(words, { cwd: folder, timeout: 180_000 });
    assert.equal(exitCode, 1, stdout + stderr);
    assert.match(stdout, /^default\/x is given up after nothing but errors /m);
    assert.match(stdout, says);
  });
