import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { request } from 'undici';
import type { DecoratorSettings } from '../../../hooks/decorator/decorate.ts';
import { keeperClient } from '../../../hooks/keeperClient.ts';
import { createHookHandler } from '../../../hooks/server.ts';
import { startKeeper } from '../../../registry/start.ts';
import { listen } from '../../../runtime/httpServer.ts';
import { createLogger } from '../../../runtime/log.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { options } from '../support/world.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const namespace = {
  object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team', uid: 'u-1' } },
  attachments: {},
};
const decorator: DecoratorSettings = {
  volume: { kind: 'HostPath', node: 'one', path: '/srv', size: '1Gi', mountOptions: [] },
  egress: { except: [], allow: [] },
};

/** The hook with a keeper over a store of its own. */
async function serve(t: TestContext, settings: { readonly decorator?: DecoratorSettings } = { decorator }) {
  const local = { host: '127.0.0.1', port: 0, drainMilliseconds: 100 };
  const store = await temporaryFolder(t);
  const keeper = await startKeeper({ ...local, store, initialise: true, token: 'k' }, logger);
  const client = keeperClient(keeper.url, 'k');
  const parts = { keeper: client, token: 'h', logger, options, ...settings };
  const hook = await listen(createHookHandler(parts), local);
  t.after(async () => {
    await hook.close();
    await client.close();
    await keeper.close();
  });
  const post = async (path: string, body: unknown, token = 'h') => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await request(hook.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  return { post, keeper };
}

const kinds = (text: string): string[] =>
  JSON.parse(text).attachments.map(({ kind }: { kind: string }) => kind);

describe('namespaces over HTTP', () => {
  test('a sync makes the tree and answers volume and policy, then the claim; the same again gives the same', async (t) => {
    const { post, keeper } = await serve(t);
    const first = await post('/namespaces/sync', namespace);
    assert.equal(first.status, 200);
    assert.deepEqual(kinds(first.text), ['NetworkPolicy', 'PersistentVolume']);
    assert.equal((await post('/namespaces/sync', namespace)).text, first.text);
    const volume = { metadata: { name: 'niximage-namespace-team' }, status: { phase: 'Available' } };
    const attachments = { 'PersistentVolume.v1': { 'niximage-namespace-team': volume } };
    const next = await post('/namespaces/sync', { ...namespace, attachments });
    assert.deepEqual(kinds(next.text), ['NetworkPolicy', 'PersistentVolume', 'PersistentVolumeClaim']);
    const path = '/internal/v1/namespaces/team/images/a/tags/v1';
    const state = await request(keeper.url + path, { headers: { authorization: 'Bearer k' } });
    assert.deepEqual(await state.body.json(), { state: 'Absent', ordinal: 0 });
  });

  test('without a keeper nothing is made yet, and the namespace can go all the same', async (t) => {
    const { post, keeper } = await serve(t);
    await keeper.close();
    const { status, text } = await post('/namespaces/sync', namespace);
    assert.equal(status, 200);
    assert.deepEqual(kinds(text), ['NetworkPolicy']);
    const gone = await post('/namespaces/finalize', { ...namespace, finalizing: true });
    assert.deepEqual(JSON.parse(gone.text), { attachments: [], finalized: true });
  });

  for (const path of ['/namespaces/sync', '/namespaces/finalize']) {
    test(`${path} takes the token of the controllers only`, async (t) => {
      const { post } = await serve(t);
      assert.equal((await post(path, namespace, 'wrong')).status, 401);
    });
    test(`${path} refuses what is no Namespace`, async (t) => {
      const { post } = await serve(t);
      const { status, text } = await post(path, { object: { kind: 'Node' } });
      assert.deepEqual([status, text], [400, 'the object is a Node, and this hook decorates Namespaces\n']);
    });
  }

  test('a hook without a volume says so', async (t) => {
    const { post } = await serve(t, {});
    const { status, text } = await post('/namespaces/sync', namespace);
    assert.equal(status, 400);
    assert.match(text, /NIXIMAGE_VOLUME_PATH/);
  });
});
