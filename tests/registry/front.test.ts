import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { createAccess } from '../../registry/access/access.ts';
import type { TlsFiles } from '../../registry/access/tlsFiles.ts';
import { createService } from '../../registry/serve/app.ts';
import { createWaiting } from '../../registry/serve/waiting.ts';
import { startServe } from '../../registry/start.ts';
import { listen } from '../../runtime/httpServer.ts';
import { createLogger } from '../../runtime/log.ts';
import { writeCertificate } from '../support/certificate.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { ask, askRaw } from './support/client.ts';
import { digestOf, memoryImages } from './support/memoryImages.ts';
import { type Site, serveVolume } from './support/site.ts';
import { makeImage, publish } from './support/volume.ts';

interface Both {
  readonly site: Site;
  /** The same volume, served with a log of every request, which leaves all to HTTP's parser. */
  readonly parsed: string;
  readonly layer: string;
}

async function serveBoth(t: TestContext, tls?: TlsFiles): Promise<Both> {
  const over = tls === undefined ? {} : { tls };
  const site = await serveVolume(t, over);
  const image = await makeImage('one');
  await publish(site.root, image);
  const logger = createLogger({ name: 'test', level: 'debug', destination: { write: () => {} } });
  const server = await startServe({ store: site.root, host: '127.0.0.1', port: 0, ...over }, logger);
  t.after(() => server.close());
  const layer = `/v2/app/blobs/${digestOf(image.layer)}`;
  for (const url of [site.url, server.url]) await say(url, [tag, get(layer), get('/v2/app/tags/list'), last]);
  return { site, parsed: server.url, layer };
}

/** Says one piece after the other, each once the one before was answered, until the server closes. @returns all it says. */
async function say(url: string, pieces: readonly string[]): Promise<string> {
  const { hostname, port, protocol } = new URL(url);
  const to = { host: hostname, port: Number(port) };
  const socket = protocol === 'https:' ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to);
  socket.setNoDelay(true);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  for (const piece of pieces) {
    const answered = Promise.race([once(socket, 'data'), closed]);
    socket.write(piece);
    // What is no whole request is read by itself then; nothing depends on whether it was.
    await (piece.endsWith('\r\n\r\n') ? answered : delay(5));
  }
  await closed;
  return text;
}

async function makeCertificate(folder: string): Promise<TlsFiles> {
  const tls = { certificate: join(folder, 'cert'), key: join(folder, 'key') };
  await writeCertificate(tls, 'x');
  return tls;
}

/** Without what differs from answer to answer; header names in small letters, headers in order. */
function essence(said: string): readonly string[] {
  return said
    .split('\r\n')
    .filter((line) => !/^(date|x-request-id): /i.test(line))
    .map((line) => line.toLowerCase())
    .sort();
}

async function dial(t: TestContext, { url }: Site): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** What comes until it ends so. */
async function until(socket: Socket, end: string): Promise<string> {
  let text = '';
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    text += chunk.toString('latin1');
    if (text.endsWith(end)) return text;
  }
}

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const tag = get('/v2/app/manifests/v1');
const head = 'HEAD /v2/app/manifests/v1 HTTP/1.1\r\nHost: x\r\n\r\n';
const last = get('/v2/', 'Connection: close\r\n');

describe('a connection', () => {
  const sequences: readonly { readonly reason: string; readonly requests: readonly string[] }[] = [
    { reason: 'plain requests', requests: [tag, head, tag, get('/v2/app/tags/list'), last] },
    { reason: 'two plain requests at once', requests: [tag + tag, last] },
    { reason: 'a plain request and half of one', requests: [tag + tag.slice(0, 30), tag.slice(30), last] },
    {
      reason: 'a request in three pieces',
      requests: [tag.slice(0, 3), tag.slice(3, 60), tag.slice(60), last],
    },
    { reason: 'an end that comes later', requests: [tag, tag.slice(0, -1), tag.slice(-1), last] },
    { reason: 'blank lines between requests', requests: [tag, '\r\n', tag, last] },
    {
      reason: 'a condition in between',
      requests: [tag, get('/v2/app/manifests/v1', 'If-None-Match: *\r\n'), tag, last],
    },
    { reason: 'what is not there', requests: [tag, get('/v2/app/manifests/v9'), head, last] },
    {
      reason: 'a body in between',
      requests: [
        tag,
        `PUT /v2/app/manifests/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: ${tag.length}\r\n\r\n${tag}`,
        tag,
        last,
      ],
    },
    {
      reason: 'a request hidden behind chunks and a length',
      requests: [tag, get('/v2/', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n') + `0\r\n\r\n${tag}`],
    },
    { reason: 'a length that is none', requests: [tag, get('/v2/', 'Content-Length: 5, 5\r\n') + tag] },
    { reason: 'what is no HTTP', requests: [tag, 'hello\r\n\r\n'] },
    { reason: 'HTTP/1.0', requests: [tag, 'GET /v2/ HTTP/1.0\r\nHost: x\r\n\r\n'] },
  ];
  for (const { reason, requests } of sequences)
    test(`gets what HTTP's parser gives: ${reason}`, async (t) => {
      const { site, parsed } = await serveBoth(t);
      assert.deepEqual(essence(await say(site.url, requests)), essence(await say(parsed, requests)));
    });

  test("gets what HTTP's parser gives, over TLS too", async (t) => {
    const { site, parsed } = await serveBoth(t, await makeCertificate(await temporaryFolder(t)));
    for (const { reason, requests } of sequences)
      assert.deepEqual(essence(await say(site.url, requests)), essence(await say(parsed, requests)), reason);
  });

  test('that is told to end is ended, after the answer', async (t) => {
    const site = await serveVolume(t);
    assert.match(await askRaw(site.url, get('/v2/')), /^HTTP\/1\.1 200 OK\r\n/);
    assert.equal(await askRaw(site.url, ''), '');
  });

  test('whose client does not read gets all of it in the end', async (t) => {
    const site = await serveVolume(t);
    const image = await makeImage('x'.repeat(900_000));
    await publish(site.root, image);
    const path = `/v2/app/blobs/${digestOf(image.layer)}`;
    await ask(site.url, path);
    const socket = await dial(t, site);
    socket.pause();
    const count = 40;
    for (let turn = 0; turn < count; turn += 1) {
      socket.write(get(path));
      await delay(1);
    }
    socket.end(last);
    let bytes = 0;
    for await (const chunk of socket) bytes += chunk.length;
    assert.ok(bytes > count * image.layer.length);
  });

  const slow = { headersMilliseconds: 20, keepAliveMilliseconds: 40 };
  const cut: readonly { readonly reason: string; readonly bytes: string; readonly says: RegExp }[] = [
    { reason: 'says nothing in time is told so', bytes: '', says: /^HTTP\/1\.1 408 / },
    { reason: 'says nothing more is closed', bytes: get('/v2/'), says: /^HTTP\/1\.1 200 OK\r\n[^]*\{\}$/ },
  ];
  for (const { reason, bytes, says } of cut)
    test(`that ${reason}`, async (t) => {
      const logger = createLogger({ name: 'test', level: 'silent' });
      const served = { access: createAccess(() => []), pushing: undefined, waiting: createWaiting(0) };
      const { handler, front } = createService({ images: memoryImages({}, []), ...served }, logger);
      const server = await listen(handler, { host: '127.0.0.1', port: 0, front, limits: slow });
      t.after(() => server.close());
      const socket = connect(server.port, server.host);
      if (bytes !== '') socket.write(bytes);
      assert.match(await textOf(socket), says);
    });

  test('that idles is closed when the server stops', async (t) => {
    const site = await serveVolume(t);
    const logger = createLogger({ name: 'test', level: 'silent' });
    const server = await startServe({ store: site.root, host: '127.0.0.1', port: 0 }, logger);
    t.after(() => server.close());
    const own = { ...site, url: server.url };
    const idle = await dial(t, own);
    idle.write(get('/v2/'));
    await until(idle, '{}');
    const closed = once(idle, 'close');
    idle.resume();
    await server.close();
    await closed;
  });
});
