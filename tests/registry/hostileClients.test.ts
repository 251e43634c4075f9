import assert from 'node:assert/strict';
import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { temporaryFolder } from '../support/tmp.ts';
import { ask, askRaw } from './support/client.ts';
import { digestOf, memoryImages, serveImages } from './support/memoryImages.ts';

const manifest = Buffer.from('{"schemaVersion":2}');
const { url } = await serveImages({ after }, memoryImages({ v1: manifest }, []));

describe('a second request inside the first', () => {
  const hidden = 'GET /v2/app/manifests/v1 HTTP/1.1\r\nHost: hidden\r\n\r\n';
  const rows: readonly { readonly reason: string; readonly head: string }[] = [
    { reason: 'a length and chunks', head: 'Content-Length: 5\r\nTransfer-Encoding: chunked' },
    { reason: 'chunks and a length', head: 'Transfer-Encoding: chunked\r\nContent-Length: 5' },
    { reason: 'two lengths', head: 'Content-Length: 0\r\nContent-Length: 5' },
    { reason: 'a length in two parts', head: 'Content-Length: 0, 5' },
    { reason: 'a length with a sign', head: 'Content-Length: +5' },
    { reason: 'an encoding that is none', head: 'Transfer-Encoding: xchunked' },
    { reason: 'chunks that are not last', head: 'Transfer-Encoding: chunked, identity' },
    { reason: 'a blank before the colon', head: 'Transfer-Encoding : chunked' },
    {
      reason: 'a header that goes on in the next line',
      head: 'X: a\r\n Transfer-Encoding: chunked\r\nContent-Length : 5',
    },
    { reason: 'a line feed alone', head: 'X: a\nTransfer-Encoding: chunked' },
    { reason: 'a carriage return alone', head: 'X: a\rTransfer-Encoding: chunked' },
    { reason: 'NUL in a header', head: 'X: a\x00b' },
  ];
  for (const { reason, head } of rows)
    test(`is refused with all that follows: ${reason}`, async () => {
      const answer = await askRaw(url, `POST /v2/ HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n0\r\n\r\n${hidden}`);
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1);
    });

  test('in a body that belongs to the first is no request', async () => {
    const head = `PUT /v2/app/manifests/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: ${hidden.length}\r\n\r\n`;
    const answer = await askRaw(url, `${head}${hidden}`);
    assert.match(answer, /^HTTP\/1\.1 405 /);
    assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1);
  });
});

/** So many connections on which `bytes` were said, and nothing is read; they go with the test. */
async function openMany(
  t: TestContext,
  target: string,
  count: number,
  bytes: string,
): Promise<readonly Socket[]> {
  const { hostname, port } = new URL(target);
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.pause();
      socket.write(bytes);
      return socket;
    }),
  );
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  return sockets;
}

describe('others are served', () => {
  const served = async (target: string): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1)
      assert.equal((await ask(target, '/v2/app/manifests/v1')).status, 200);
  };

  test('while hundreds send their headers a piece at a time', async (t) => {
    const sockets = await openMany(t, url, 500, 'GET /v2/ HTTP/1.1\r\nHost: x\r\n');
    for (const socket of sockets) socket.write('X-Slow: y\r\n');
    await served(url);
  });

  test('while many do not read what they asked for', async (t) => {
    const bytes = Buffer.alloc(12_000_000, 'x');
    const file = join(await temporaryFolder(t), 'blob');
    await writeFile(file, bytes);
    const images = memoryImages({ v1: manifest }, [], {
      blob: async () => ({ size: bytes.length, source: { kind: 'File', file: await open(file), place: '' } }),
    });
    const { url: own } = await serveImages(t, images);
    const before = process.memoryUsage().arrayBuffers;
    const path = `/v2/app/blobs/${digestOf(bytes)}`;
    const sockets = await openMany(t, own, 150, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await served(own);
    // Whoever reads gets all of it, from however small a buffer.
    assert.ok((await ask(own, path)).body.equals(bytes));
    const held = process.memoryUsage().arrayBuffers - before;
    // Before the server closes, which would wait for them.
    for (const socket of sockets) socket.destroy();
    assert.ok(held < 100_000_000, `${sockets.length} readers hold ${held} bytes`);
  });

  test('while thousands of connections say nothing', async (t) => {
    await openMany(t, url, 3000, '');
    await served(url);
  });
});
