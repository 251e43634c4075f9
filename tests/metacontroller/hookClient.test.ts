import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import {
  HookClient,
  type HookRequest,
  replyOf,
} from '../../metacontroller/embedded/controller/hookClient.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

const replies: readonly {
  readonly reason: string;
  readonly status: number;
  readonly retryAfter?: string;
  readonly gives: { readonly seconds: number } | { readonly code: string };
}[] = [
  { reason: 'seconds', status: 429, retryAfter: '3', gives: { seconds: 3 } },
  { reason: 'a date', status: 429, retryAfter: 'Thu, 01 Jan 2026 00:01:30 GMT', gives: { seconds: 90 } },
  {
    reason: 'a date that is over',
    status: 429,
    retryAfter: 'Wed, 31 Dec 2025 00:00:00 GMT',
    gives: { code: 'HOOK_BUSY' },
  },
  { reason: 'at once, which would never end', status: 429, retryAfter: '0', gives: { code: 'HOOK_BUSY' } },
  { reason: 'no time is said', status: 429, gives: { code: 'HOOK_BUSY' } },
  { reason: 'words', status: 429, retryAfter: 'soon', gives: { code: 'HOOK_BUSY' } },
  { reason: 'only a 429 waits', status: 503, retryAfter: '3', gives: { code: 'HOOK_REFUSED' } },
  { reason: 'a 2xx is no 200', status: 204, gives: { code: 'HOOK_REFUSED' } },
];

describe('what an HTTP answer means', () => {
  for (const { reason, status, retryAfter, gives } of replies)
    test(`${status}, ${reason}`, () => {
      const reply = () => replyOf(status, retryAfter, 'go away', now);
      if ('code' in gives)
        assert.throws(reply, {
          code: gives.code,
          message: `unsupported status code: ${status} body: go away`,
        });
      else assert.deepEqual(reply(), { kind: 'Wait', seconds: gives.seconds });
    });
});

const body = { finalizing: false } as HookRequest;

test('the hook is asked with its token, and its answer read', async (t) => {
  const server = createServer((request, response) => {
    assert.equal(request.method, 'POST');
    assert.equal(request.headers.authorization, 'Bearer secret');
    response.end(JSON.stringify({ status: { path: request.url } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const client = new HookClient({ url: `http://127.0.0.1:${port}`, token: 'secret' });
  t.after(() => client.close());
  const reply = await client.call('/finalize', body, new AbortController().signal);
  assert.equal(reply.kind, 'Answer');
  assert.deepEqual(reply.kind === 'Answer' && reply.answer.status, { path: '/finalize' });
});

test('nobody there is a failure that says where', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const client = new HookClient({ url: `http://127.0.0.1:${port}`, token: '' });
  t.after(() => client.close());
  await assert.rejects(client.call('/sync', body, new AbortController().signal), {
    code: 'HOOK_UNREACHABLE',
    message: new RegExp(`^the hook at http://127\\.0\\.0\\.1:${port} does not answer: `),
  });
});
