import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request as send } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import Koa from 'koa';
import {
  type Handler,
  ListenError,
  type ListenOptions,
  listen,
  type RunningServer,
} from '../../runtime/httpServer.ts';

const local = { host: '127.0.0.1', port: 0 } as const;

async function serve(
  t: TestContext,
  handler: Handler,
  options: Partial<ListenOptions> = {},
): Promise<RunningServer> {
  const server = await listen(handler, { ...local, ...options });
  t.after(() => server.close());
  return server;
}

async function dial(t: TestContext, server: RunningServer): Promise<Socket> {
  const socket = connect(server.port, server.host);
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function fetchWith(agent: Agent, url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, { agent }, resolve).on('error', reject));
}

describe('listen', () => {
  test('serves a plain handler and tells where', async (t) => {
    const server = await serve(t, (_request, response) => void response.end('plain'));
    assert.equal(server.url, `http://127.0.0.1:${server.port}`);
    assert.equal(await (await fetch(server.url)).text(), 'plain');
  });

  test("serves Koa's callback", async (t) => {
    const app = new Koa();
    app.use((context) => {
      context.body = 'koa';
    });
    const server = await serve(t, app.callback());
    assert.equal(await (await fetch(server.url)).text(), 'koa');
  });

  test('names the port that is taken, in one sentence', async (t) => {
    const { port } = await serve(t, () => {});
    await assert.rejects(
      listen(() => {}, { host: '127.0.0.1', port }),
      (error: unknown) => {
        assert.ok(error instanceof ListenError);
        assert.equal(error.code, 'ADDRESS_IN_USE');
        assert.equal(
          error.message,
          `port ${port} on 127.0.0.1 is in use by another program; choose another port`,
        );
        return true;
      },
    );
  });

  test('names an address that this machine does not have', async () => {
    await assert.rejects(
      listen(() => {}, { host: '192.0.2.1', port: 0 }),
      { code: 'ADDRESS_UNUSABLE' },
    );
  });

  const throwing: { reason: string; handler: Handler }[] = [
    {
      reason: 'throws',
      handler: () => {
        throw new Error('the disk of /secret is full');
      },
    },
    { reason: 'rejects', handler: () => Promise.reject(new Error('the disk of /secret is full')) },
  ];
  for (const { reason, handler } of throwing)
    test(`answers a plain 500 where a handler ${reason}, and goes on`, async (t) => {
      const errors: unknown[] = [];
      const server = await serve(t, handler, { onError: (error) => errors.push(error) });
      for (let count = 1; count <= 2; count += 1) {
        const response = await fetch(server.url);
        assert.equal(response.status, 500);
        assert.equal(await response.text(), 'internal error\n');
        assert.equal(errors.length, count);
      }
    });

  test('a client that leaves in the middle of a response does not stop the server', async (t) => {
    const gone = Promise.withResolvers<void>();
    const errors: unknown[] = [];
    const server = await serve(
      t,
      (request, response) => {
        if (request.url === '/') return void response.end('still here');
        response.once('close', () => {
          response.write('more', () => gone.resolve());
        });
        response.write('some');
      },
      { onError: (error) => errors.push(error) },
    );
    const socket = await dial(t, server);
    socket.write('GET /long HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'data');
    socket.resetAndDestroy();
    await gone.promise;
    assert.equal(await (await fetch(server.url)).text(), 'still here');
    assert.deepEqual(errors, []);
  });

  const limits: { reason: string; bytes: string; status: number }[] = [
    { reason: 'headers that never end', bytes: 'GET / HTTP/1.1\r\nhost: x\r\n', status: 408 },
    { reason: 'a connection that says nothing', bytes: '', status: 408 },
    {
      reason: 'a body that never comes',
      bytes: 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nab',
      status: 408,
    },
    {
      reason: 'headers over the limit',
      bytes: `GET / HTTP/1.1\r\nhost: x\r\na: ${'b'.repeat(3000)}\r\n\r\n`,
      status: 431,
    },
    { reason: 'what is no HTTP', bytes: 'hello\r\n\r\n', status: 400 },
  ];
  for (const { reason, bytes, status } of limits)
    test(`cuts ${reason} with ${status}`, async (t) => {
      const server = await serve(t, (request) => void request.resume(), {
        limits: { maxHeaderSize: 2048, headersMilliseconds: 50, requestMilliseconds: 100 },
      });
      const socket = await dial(t, server);
      if (bytes !== '') socket.write(bytes);
      assert.match(await text(socket), new RegExp(`^HTTP/1.1 ${status} `));
    });

  test('a connection that idled for longer than the header time serves the next request', async (t) => {
    const server = await serve(t, (_request, response) => void response.end('ok'), {
      limits: { headersMilliseconds: 50, keepAliveMilliseconds: 60_000, requestMilliseconds: 60_000 },
    });
    const socket = await dial(t, server);
    const idle = await dial(t, server);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'data');
    await text(idle); // the mute one is cut once the header time is over
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    assert.match(await text(socket), /^HTTP\/1.1 200 /);
  });

  test('closes connections beyond the limit', async (t) => {
    const server = await serve(t, (_request, response) => void response.end('ok'), {
      limits: { maxConnections: 1 },
    });
    const first = await dial(t, server);
    const second = await dial(t, server);
    second.on('error', () => {});
    await once(second, 'close');
    first.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    assert.match(await text(first), /^HTTP\/1.1 200 /);
  });
});

describe('close', () => {
  test('lets a running request end, tells the client to close, and takes no new one', async (t) => {
    const running = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const server = await serve(t, async (_request, response) => {
      running.resolve();
      await release.promise;
      response.end('whole');
    });
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const answer = fetchWith(agent, server.url);
    await running.promise;
    const closed = server.close();
    await assert.rejects(fetchWith(new Agent(), server.url), { code: 'ECONNREFUSED' });
    release.resolve();
    const response = await answer;
    assert.equal(response.headers.connection, 'close');
    assert.equal(await text(response), 'whole');
    await closed;
  });

  test('does not wait for connections that are idle or mute', async (t) => {
    const server = await serve(t, (_request, response) => void response.end('ok'), {
      drainMilliseconds: 2 ** 30,
    });
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    await text(await fetchWith(agent, server.url));
    const mute = await dial(t, server);
    mute.on('error', () => {});
    await server.close();
  });

  test('does not wait for a kept connection whose response had begun before', async (t) => {
    const release = Promise.withResolvers<void>();
    const server = await serve(
      t,
      async (_request, response) => {
        response.write('begun ');
        await release.promise;
        response.end('ended');
      },
      { drainMilliseconds: 2 ** 30 },
    );
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const response = await fetchWith(agent, server.url);
    const closed = server.close();
    release.resolve();
    assert.equal(await text(response), 'begun ended');
    await closed;
  });

  test('cuts what still runs after the drain time', async (t) => {
    const server = await serve(t, (_request, response) => void response.write('forever'), {
      drainMilliseconds: 20,
    });
    const request = send(server.url);
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const ended = once(response, 'error');
    await server.close();
    assert.match(String(await ended), /aborted|ECONNRESET/);
  });

  test('may be called twice', async (t) => {
    const server = await serve(t, () => {});
    await Promise.all([server.close(), server.close()]);
  });
});
