import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { createKeeperHandler } from '../../registry/keeper/app.ts';
import type { Keeping } from '../../registry/keeper/keeping.ts';
import { parseKeeperPath } from '../../registry/keeper/path.ts';
import { unavailable } from '../../registry/problem.ts';
import { listen } from '../../runtime/httpServer.ts';
import { createLogger } from '../../runtime/log.ts';
import { type Answer, type Asked, ask } from './support/client.ts';

const token = 'a-token';
const authorization = `Bearer ${token}`;
const image = '/internal/v1/namespaces/team/images/app';
const turnAsked = { use: 'Start', pod: 'app-1-1', since: '2026-01-02T03:04:05Z' };

/** A keeper that writes down what it is asked; `changes` replace answers. */
async function serve(
  t: TestContext,
  changes: Partial<Keeping> = {},
): Promise<{ calls: unknown[][]; send: (path: string, asked?: Asked) => Promise<Answer> }> {
  const calls: unknown[][] = [];
  const keeping: Keeping = {
    async imageState(...words) {
      calls.push(['imageState', ...words]);
      return { state: 'Absent', ordinal: 3 };
    },
    async progress(...words) {
      calls.push(['progress', ...words]);
      return undefined;
    },
    async noteBuild(...words) {
      calls.push(['noteBuild', ...words]);
      return true;
    },
    async useSlot(...words) {
      calls.push(['useSlot', ...words]);
      return { turn: 'Wait', place: 2, of: 3, askAgainSeconds: 4 };
    },
    async finalize(...words) {
      calls.push(['finalize', ...words]);
      return { removedTags: 1, removedManifests: 2 };
    },
    async createNamespace(...words) {
      calls.push(['createNamespace', ...words]);
      return 'made';
    },
    async ready() {
      return true;
    },
    ...changes,
  };
  const logger = createLogger({ name: 'test', level: 'silent' });
  const server = await listen(createKeeperHandler(keeping, token, logger), { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  return {
    calls,
    send: (path, asked = {}) => ask(server.url, path, { headers: { authorization }, ...asked }),
  };
}

function json(answer: Answer): unknown {
  return JSON.parse(answer.body.toString());
}

const more = { product: { tag: 'v1', inputHash: 'a', uid: 'b' }, ready: false, untold: true };
const uid = JSON.stringify({ uid: 'b4a0c1de-0000-4000-8000-000000000001' });

describe('the internal port', () => {
  interface Row extends Asked {
    readonly reason: string;
    readonly path: string;
    readonly status: number;
    readonly call?: readonly unknown[];
  }
  const rows: readonly Row[] = [
    {
      reason: 'the state of a tag',
      path: `${image}/tags/v1`,
      status: 200,
      call: ['imageState', 'team', 'app', 'v1'],
    },
    {
      reason: 'no progress yet',
      path: `${image}/progress/app-1-1`,
      status: 404,
      call: ['progress', 'team', 'app', 'app-1-1'],
    },
    {
      reason: 'a build asks for its turn',
      method: 'POST',
      path: `${image}/slot`,
      body: JSON.stringify({ ...turnAsked, more: 1 }),
      status: 200,
      call: ['useSlot', 'team', 'app', turnAsked],
    },
    {
      reason: 'a build says what it is to make, that it could not start yet, and that nothing is said of it',
      method: 'POST',
      path: `${image}/slot`,
      body: JSON.stringify({ ...turnAsked, ...more }),
      status: 200,
      call: ['useSlot', 'team', 'app', { ...turnAsked, ...more }],
    },
    {
      reason: 'a build has ended',
      method: 'POST',
      path: `${image}/slot`,
      body: '{"use":"Free"}',
      status: 200,
      call: ['useSlot', 'team', 'app', { use: 'Free' }],
    },
    { reason: 'a turn is not got', path: `${image}/slot`, status: 405 },
    ...[
      ['a slot for nothing that is known', '{"use":"Keep"}'],
      ['a slot for no Pod', '{"use":"Start","since":"2026-01-02T03:04:05Z"}'],
      ['a slot since no time', '{"use":"Start","pod":"a","since":"early"}'],
      ['held, and not told whether it runs', '{"use":"Hold","pod":"a","since":"2026-01-02"}'],
      ['no use of a slot', '[]'],
      ['ready is no truth', JSON.stringify({ ...turnAsked, ready: 'yes' })],
      ['a product that is none', JSON.stringify({ ...turnAsked, product: { tag: 'v1' } })],
      [
        'a tag that leaves the folder',
        JSON.stringify({ ...turnAsked, product: { tag: '..', inputHash: 'a', uid: 'b' } }),
      ],
    ].map(([reason = '', body = '']) => ({
      reason,
      body,
      method: 'POST' as const,
      path: `${image}/slot`,
      status: 400,
    })),
    {
      reason: 'finalize',
      method: 'POST',
      path: `${image}/finalize`,
      body: uid,
      status: 200,
      call: ['finalize', 'team', 'app', JSON.parse(uid).uid],
    },
    {
      reason: 'a namespace is made',
      method: 'PUT',
      path: '/internal/v1/namespaces/team',
      body: uid,
      status: 201,
      call: ['createNamespace', 'team', JSON.parse(uid).uid],
    },
    { reason: 'a state is not posted', method: 'POST', path: `${image}/tags/v1`, body: '{}', status: 405 },
    { reason: 'finalize is not got', path: `${image}/finalize`, status: 405 },
    {
      reason: 'a namespace is not deleted',
      method: 'DELETE',
      path: '/internal/v1/namespaces/team',
      status: 405,
    },
    { reason: 'finalize without a uid', method: 'POST', path: `${image}/finalize`, body: '{}', status: 400 },
    {
      reason: 'a uid with a path in it',
      method: 'POST',
      path: `${image}/finalize`,
      body: '{"uid":"../x"}',
      status: 400,
    },
    {
      reason: 'a uid that is a number',
      method: 'POST',
      path: `${image}/finalize`,
      body: '{"uid":1}',
      status: 400,
    },
    {
      reason: 'another field',
      method: 'POST',
      path: `${image}/finalize`,
      body: '{"uid":"a","b":1}',
      status: 400,
    },
    { reason: 'a list', method: 'POST', path: `${image}/finalize`, body: '[]', status: 400 },
    { reason: 'no JSON', method: 'POST', path: `${image}/finalize`, body: '{"uid"', status: 400 },
    { reason: 'no body', method: 'POST', path: `${image}/finalize`, status: 400 },
    {
      reason: '2 MB',
      method: 'POST',
      path: `${image}/finalize`,
      body: `{"uid":"${'a'.repeat(2e6)}"}`,
      status: 413,
    },
    { reason: 'upper case in a name', path: '/internal/v1/namespaces/team/images/App/tags/v1', status: 400 },
    { reason: 'an encoded slash', path: '/internal/v1/namespaces/team%2fx/images/app/tags/v1', status: 400 },
    { reason: 'dots', path: '/internal/v1/namespaces/../images/app/tags/v1', status: 400 },
    { reason: 'a query', path: `${image}/tags/v1?x=1`, status: 400 },
    { reason: 'elsewhere', path: '/v2/', status: 404 },
  ];
  for (const { reason, path, status, call, method, body } of rows) {
    test(`${reason}: ${method ?? 'GET'} ${path}`, async (t) => {
      const { calls, send } = await serve(t);
      const answer = await send(path, {
        headers: { authorization },
        ...(method && { method }),
        ...(body && { body }),
      });
      assert.equal(answer.status, status);
      assert.deepEqual(calls, call === undefined ? [] : [call]);
    });
  }

  test('gives what the store says', async (t) => {
    const { send } = await serve(t, { createNamespace: async () => 'there' });
    assert.deepEqual(json(await send(`${image}/tags/v1`)), { state: 'Absent', ordinal: 3 });
    const answer = await send('/internal/v1/namespaces/team', {
      method: 'PUT',
      body: uid,
      headers: { authorization },
    });
    assert.equal(answer.status, 200);
  });

  for (const shown of ['', 'Bearer', 'Bearer a-toke', 'Bearer a-token2', 'Basic a-token', 'a-token'])
    test(`takes no ${JSON.stringify(shown)} for its token`, async (t) => {
      const { calls, send } = await serve(t);
      for (const path of [`${image}/tags/v1`, '/nowhere', `${image}/finalize`]) {
        const answer = await send(path, { headers: shown === '' ? {} : { authorization: shown } });
        assert.equal(answer.status, 401);
        assert.match(String(answer.headers['www-authenticate']), /^Bearer /);
      }
      assert.deepEqual(calls, []);
    });

  test('tells its health and its metrics to anybody', async (t) => {
    const { send } = await serve(t);
    for (const path of ['/healthz', '/readyz', '/metrics'])
      assert.equal((await send(path, { headers: {} })).status, 200);
  });

  test('answers 503 where the volume is away, and 500 without internals for what nobody foresaw', async (t) => {
    const { send } = await serve(t, {
      async imageState() {
        throw unavailable();
      },
      async progress() {
        throw new Error('secret path');
      },
      ready: async () => false,
    });
    assert.equal((await send(`${image}/tags/v1`)).status, 503);
    const failed = await send(`${image}/progress/a`);
    assert.equal(failed.status, 500);
    assert.doesNotMatch(failed.body.toString(), /secret/);
    assert.equal((await send('/readyz')).status, 503);
    assert.equal((await send('/healthz')).status, 200);
  });
});

test('any URL is read without an error, and names in it stay in their folders', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '%2e',
    '%2f',
    '/',
    'a',
    'A',
    'team',
    'images',
    'tags',
    'progress',
    'finalize',
    '?',
    '\0',
  );
  const urls = fc.array(piece, { maxLength: 10 }).map((parts) => `/internal/v1/namespaces/${parts.join('')}`);
  fc.assert(
    fc.property(fc.oneof(urls, fc.string({ unit: 'binary' })), (url) => {
      for (const value of Object.values(parseKeeperPath(url)))
        if (!value.includes(' ')) assert.match(value, /^[A-Za-z0-9_][A-Za-z0-9._-]*$/);
    }),
    { numRuns: 10_000 },
  );
});
