import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import { request } from 'undici';
import { keeperClient } from '../../hooks/keeperClient.ts';
import { createHookHandler } from '../../hooks/server.ts';
import type { ImageState } from '../../runtime/contract/keeper.ts';
import type { Turn } from '../../runtime/contract/turn.ts';
import { listen } from '../../runtime/httpServer.ts';
import { createLogger } from '../../runtime/log.ts';
import { options, time, World } from './support/world.ts';

const token = 'hook-token';
const keeperToken = 'keeper-token';
const logger = createLogger({ name: 'test', level: 'silent' });

interface Hook {
  readonly url: string;
  /** What the keeper was asked: method and path. */
  readonly asked: string[];
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

type Keeping = (path: string) => { readonly status: number; readonly body: unknown };

const absent: Keeping = (path) => ({
  status: 200,
  body: path.endsWith('/slot')
    ? ({ turn: 'Go', since: new Date().toISOString() } satisfies Turn)
    : ({ state: 'Absent', ordinal: 0 } satisfies ImageState),
});

/** The hook over HTTP, with a keeper that answers as it is told; `down` is one that nobody listens for. */
async function serve(t: TestContext, keeping: Keeping | 'down' = absent): Promise<Hook> {
  const asked: string[] = [];
  const keeper = await listen(
    (incoming, response) => {
      asked.push(`${incoming.method} ${incoming.url}`);
      const isKnown = incoming.headers.authorization === `Bearer ${keeperToken}`;
      const { status, body } =
        keeping === 'down' || !isKnown ? { status: 401, body: {} } : keeping(incoming.url ?? '');
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    },
    { host: '127.0.0.1', port: 0 },
  );
  if (keeping === 'down') await keeper.close();
  const client = keeperClient(keeper.url, keeperToken);
  const handler = createHookHandler({ keeper: client, token, logger, options });
  const server = await listen(handler, { host: '127.0.0.1', port: 0 });
  const close = async (): Promise<void> => {
    await server.close();
    await client.close();
    await keeper.close();
  };
  t.after(close);
  return {
    url: server.url,
    asked,
    close,
    post: (path, body, headers = { authorization: `Bearer ${token}` }) =>
      ask(server.url + path, 'POST', headers, typeof body === 'string' ? body : JSON.stringify(body)),
  };
}

async function ask(
  url: string,
  method: 'GET' | 'POST' | 'PUT',
  headers: Readonly<Record<string, string>> = {},
  body: string | null = null,
): Promise<Answer> {
  const answer = await request(url, { method, headers, body });
  const type = String(answer.headers['content-type'] ?? '');
  const wait = answer.headers['retry-after'];
  const retryAfter = wait === undefined ? undefined : String(wait);
  return { status: answer.statusCode, type, retryAfter, text: await answer.body.text() };
}

const body = () => new World().body();

describe('the hook over HTTP', () => {
  test('answers a sync with status and children, after it has asked the keeper', async (t) => {
    const hook = await serve(t);
    const { status, text } = await hook.post('/sync', body());
    assert.equal(status, 200);
    const answer = JSON.parse(text);
    assert.equal(answer.status.state, 'BuildPending');
    assert.deepEqual(
      answer.children.map(({ kind }: { kind: string }) => kind),
      ['ConfigMap'],
    );
    // What became of the build is noted without anybody waiting for it.
    const image = '/internal/v1/namespaces/default/images/curl-and-jq';
    assert.deepEqual(hook.asked.slice(0, 2), [`GET ${image}/tags/v1`, `POST ${image}/slot`]);
  });

  test('an image that is sent away for a moment is left as it is, and counted', async (t) => {
    const later: Turn = { turn: 'Later', askAgainSeconds: 7 };
    const hook = await serve(t, (path) =>
      path.endsWith('/slot') ? { status: 200, body: later } : absent(path),
    );
    const { status, retryAfter, text } = await hook.post('/sync', body());
    assert.deepEqual(
      [status, retryAfter],
      [429, '7'],
      'without a time Metacontroller would ask again at once',
    );
    assert.match(text, /many images came at once/);
    const metrics = await ask(`${hook.url}/metrics`, 'GET');
    assert.match(metrics.text, /^niximage_syncs_total\{state="none"\} 1$/m);
    assert.ok(!hook.asked.some((line) => line.startsWith('PUT')), 'there is no news of it');
  });

  test('the same request gives the same bytes', async (t) => {
    const hook = await serve(t);
    const [one, other] = [await hook.post('/sync', body()), await hook.post('/sync', body())];
    assert.equal(one?.text, other?.text);
  });

  test('takes children by name and by namespace and name', async (t) => {
    const hook = await serve(t);
    const world = new World();
    world.step();
    const children = JSON.parse(JSON.stringify(world.body()['children']));
    const second = Object.entries(children['ConfigMap.v1']).map(([name, map]) => [`default/${name}`, map]);
    const v2 = { ...world.body(), children: { ...children, 'ConfigMap.v1': Object.fromEntries(second) } };
    const [byName, byBoth] = [await hook.post('/sync', world.body()), await hook.post('/sync', v2)];
    assert.match(byName?.text ?? '', /"kind":"Pod"/);
    assert.equal(byBoth?.text, byName?.text);
  });

  test('an image that is not valid is an answer, and the keeper is not asked', async (t) => {
    const hook = await serve(t);
    const { status, text } = await hook.post('/sync', new World({ contents: [] }).body());
    assert.equal(status, 200);
    assert.match(text, /data\.contents is empty/);
    assert.deepEqual(hook.asked, []);
  });
});

describe('what is refused gets a short plain text', () => {
  const rows: {
    reason: string;
    path?: string;
    headers?: Readonly<Record<string, string>>;
    sent?: string;
    status: number;
    says: RegExp;
  }[] = [
    { reason: 'no token', headers: {}, status: 401, says: /token is missing or wrong/ },
    {
      reason: 'another token',
      headers: { authorization: 'Bearer other' },
      status: 401,
      says: /token is missing or wrong/,
    },
    {
      reason: 'no token, and no JSON: the token comes first',
      headers: {},
      sent: '{',
      status: 401,
      says: /token/,
    },
    { reason: 'no JSON', sent: '{"parent":', status: 400, says: /cannot be read/ },
    { reason: 'nothing', sent: '', status: 400, says: /no parent/ },
    { reason: 'a list', sent: '[]', status: 400, says: /no parent/ },
    { reason: 'no parent', sent: '{}', status: 400, says: /the request has no parent/ },
    { reason: 'a parent without a name', sent: '{"parent":{}}', status: 400, says: /no metadata\.name/ },
    { reason: '40 MB', sent: `"${'x'.repeat(40 << 20)}"`, status: 413, says: /larger than 32mb/ },
    { reason: 'another path', path: '/other', status: 404, says: /the hook has \/sync and \/finalize/ },
  ];
  for (const { reason, path = '/sync', headers, sent = '{}', status, says } of rows)
    test(reason, async (t) => {
      const hook = await serve(t);
      const answer = await hook.post(path, sent, headers);
      assert.equal(answer.status, status);
      assert.match(answer.type, /^text\/plain/);
      assert.match(answer.text, says);
      assert.ok(answer.text.length < 300, 'it fits into an event');
      assert.equal((await hook.post('/sync', body())).status, 200, 'all else is still answered');
    });

  test('another method', async (t) => {
    const hook = await serve(t);
    const answer = await ask(`${hook.url}/sync`, 'PUT', { authorization: `Bearer ${token}` }, '{}');
    assert.equal(answer.status, 405);
    assert.match(answer.type, /^text\/plain/);
  });
});

describe('a keeper that does not say', () => {
  const rows: { reason: string; keeping: Keeping | 'down' }[] = [
    { reason: 'nobody listens', keeping: 'down' },
    { reason: 'no volume', keeping: () => ({ status: 503, body: { error: { message: 'no marker' } } }) },
    { reason: 'another answer', keeping: () => ({ status: 200, body: { state: 'Whatever' } }) },
    {
      reason: 'half an answer',
      keeping: () => ({ status: 200, body: { state: 'Present', publication: {} } }),
    },
  ];
  for (const { reason, keeping } of rows)
    test(`${reason}: unknown, and nothing is started`, async (t) => {
      const hook = await serve(t, keeping);
      const { status, text } = await hook.post('/sync', body());
      assert.equal(status, 200);
      const answer = JSON.parse(text);
      assert.deepEqual(answer.children, []);
      assert.equal(answer.status.conditions[0].status, 'Unknown');
      assert.ok(answer.resyncAfterSeconds > 0);
    });
});

describe('/finalize', () => {
  const finalizing = (more: object = {}) => {
    const sent = JSON.parse(JSON.stringify({ ...body(), finalizing: true, ...more }));
    sent.parent.metadata.deletionTimestamp = time(9);
    return sent;
  };
  const removes: Keeping = () => ({ status: 200, body: { removedTags: 1, removedManifests: 1 } });

  test('asks the keeper to remove the tags, and is done', async (t) => {
    const hook = await serve(t, removes);
    const answer = JSON.parse((await hook.post('/finalize', finalizing())).text);
    assert.equal(answer.finalized, true);
    assert.deepEqual(answer.children, []);
    assert.deepEqual(hook.asked, ['POST /internal/v1/namespaces/default/images/curl-and-jq/finalize']);
  });

  test('removes nothing while a builder is seen', async (t) => {
    const hook = await serve(t, removes);
    const world = new World();
    world.settle();
    const answer = JSON.parse(
      (await hook.post('/finalize', finalizing({ children: world.body()['children'] }))).text,
    );
    assert.equal(answer.finalized, false);
    assert.deepEqual(hook.asked, []);
  });

  test('removes nothing of an object that is not being deleted', async (t) => {
    const hook = await serve(t, removes);
    const answer = JSON.parse((await hook.post('/finalize', body())).text);
    assert.equal(answer.finalized, false);
    assert.deepEqual(hook.asked, []);
  });

  test('asks again where the keeper is down', async (t) => {
    const hook = await serve(t, 'down');
    const answer = JSON.parse((await hook.post('/finalize', finalizing())).text);
    assert.equal(answer.finalized, false);
    assert.ok(answer.resyncAfterSeconds > 0);
  });

  const namespaces = [
    {
      reason: 'is deleted too: the image waits for no keeper',
      name: 'default',
      going: true,
      finalized: true,
    },
    { reason: 'stays: the image waits', name: 'default', going: false, finalized: false },
    { reason: 'is another one', name: 'other', going: true, finalized: false },
  ];
  for (const { reason, name, going, finalized } of namespaces)
    test(`the keeper is down, and the namespace ${reason}`, async (t) => {
      const hook = await serve(t, 'down');
      const metadata = { name, uid: 'u', ...(going ? { deletionTimestamp: time(9) } : {}) };
      const related = { 'Namespace.v1': { [name]: { metadata } } };
      const answer = JSON.parse((await hook.post('/finalize', finalizing({ related }))).text);
      assert.equal(answer.finalized, finalized);
    });
});

test('health and metrics need no token', async (t) => {
  const hook = await serve(t);
  await hook.post('/sync', body());
  assert.equal((await ask(`${hook.url}/healthz`, 'GET')).text, 'ok\n');
  assert.equal((await ask(`${hook.url}/readyz`, 'GET')).status, 200);
  const { text } = await ask(`${hook.url}/metrics`, 'GET');
  assert.match(text, /^niximage_syncs_total\{state="BuildPending"\} 1$/m);
  assert.match(text, /^niximage_status_changes_total\{state="BuildPending",reason="BuildPending"\} 1$/m);
  assert.match(text, /^niximage_http_requests_total\{route="sync",status="200"\} 1$/m);
});

test('at its end it answers what it was asked, and then nobody', async (t) => {
  const reached = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const slow = createServer((_incoming, response) => {
    reached.resolve();
    void answer.promise.then(() => response.end('{"state":"Absent","ordinal":0}'));
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  t.after(() => slow.close());
  const address = slow.address();
  assert.ok(address !== null && typeof address === 'object');
  const keeper = keeperClient(`http://127.0.0.1:${address.port}`, keeperToken);
  t.after(() => keeper.close());
  const handler = createHookHandler({ keeper, token, logger, options });
  const server = await listen(handler, { host: '127.0.0.1', port: 0 });
  const headers = { authorization: `Bearer ${token}` };
  const asked = ask(`${server.url}/sync`, 'POST', headers, JSON.stringify(body()));
  await reached.promise;
  const closed = server.close();
  answer.resolve();
  assert.equal((await asked).status, 200);
  await closed;
  await assert.rejects(ask(`${server.url}/healthz`, 'GET'));
});
