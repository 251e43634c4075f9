import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open, readdir, readlink, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { temporaryFolder } from '../support/tmp.ts';
import { ask, begin } from './support/client.ts';
import { digestOf, memoryImages, serveImages } from './support/memoryImages.ts';

interface Site {
  readonly url: string;
  readonly path: string;
  readonly file: string;
}

/** One blob in a file, served. */
async function serveFile(t: TestContext, bytes: Buffer): Promise<Site> {
  const file = join(await temporaryFolder(t), 'blob');
  await writeFile(file, bytes);
  const images = memoryImages({}, [], {
    async blob() {
      return { size: bytes.length, source: { kind: 'File', file: await open(file), place: '' } };
    },
  });
  const { url } = await serveImages(t, images);
  return { url, file, path: `/v2/app/blobs/${digestOf(bytes)}` };
}

async function openCount(file: string): Promise<number> {
  const targets = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return targets.filter((target) => target === file).length;
}

/** Waits for what a closed connection sets off; fails by the test's own time-out. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(5);
}

async function hashOf(site: Site, slow: boolean): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of await begin(site.url, site.path)) {
    hash.update(chunk);
    if (slow) await delay(1);
  }
  return `sha256:${hash.digest('hex')}`;
}

describe('a blob in a file', () => {
  test('reaches quick and slow readers whole, twelve at a time, and every file is closed', async (t) => {
    const bytes = randomBytes(5_000_001);
    const site = await serveFile(t, bytes);
    const hashes = await Promise.all(Array.from({ length: 12 }, (_, index) => hashOf(site, index % 3 === 0)));
    assert.deepEqual(new Set(hashes), new Set([digestOf(bytes)]));
    await until(async () => (await openCount(site.file)) === 0);
  });

  test('gives exactly the bytes of any range', async (t) => {
    const bytes = randomBytes(3_000_000);
    const site = await serveFile(t, bytes);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(2_000_000), async (first, more) => {
        const answer = await ask(site.url, site.path, {
          headers: { range: `bytes=${first}-${first + more}` },
        });
        assert.equal(answer.status, 206);
        assert.ok(answer.body.equals(bytes.subarray(first, first + more + 1)));
      }),
      { numRuns: 40 },
    );
  });

  test('is closed when the client leaves early, and the others go on', async (t) => {
    const bytes = randomBytes(20_000_000);
    const site = await serveFile(t, bytes);
    const { hostname, port } = new URL(site.url);
    for (let count = 0; count < 20; count += 1) {
      const socket = connect(Number(port), hostname);
      socket.write(`GET ${site.path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await once(socket, 'data');
      if (count % 2 === 0) socket.destroy();
      else socket.resetAndDestroy();
    }
    assert.equal(await hashOf(site, false), digestOf(bytes));
    await until(async () => (await openCount(site.file)) === 0);
  });

  test('can be resumed where a connection was cut', async (t) => {
    const bytes = randomBytes(20_000_000);
    const site = await serveFile(t, bytes);
    const chunks: Buffer[] = [];
    const response = await begin(site.url, site.path);
    for await (const chunk of response) {
      chunks.push(chunk);
      // Leaving the loop destroys the connection.
      if (Buffer.concat(chunks).length > 1_000_000) break;
    }
    const got = Buffer.concat(chunks);
    const rest = await ask(site.url, site.path, { headers: { range: `bytes=${got.length}-` } });
    assert.equal(digestOf(Buffer.concat([got, rest.body])), digestOf(bytes));
  });

  test('that somebody cut short ends in a cut connection, never in a shorter whole', async (t) => {
    const bytes = randomBytes(3_000_000);
    const site = await serveFile(t, bytes);
    await truncate(site.file, 1_500_000);
    await assert.rejects(ask(site.url, site.path), { code: 'ECONNRESET' });
    await until(async () => (await openCount(site.file)) === 0);
  });

  test('is read by HEAD not at all', async (t) => {
    const site = await serveFile(t, randomBytes(3_000_000));
    const answer = await ask(site.url, site.path, { method: 'HEAD' });
    assert.equal(answer.headers['content-length'], '3000000');
    await until(async () => (await openCount(site.file)) === 0);
  });
});
