import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { unavailable } from '../../registry/problem.ts';
import { type Asked, ask, askRaw, problemCode } from './support/client.ts';
import { digestOf, manifestType, memoryImages, serveImages } from './support/memoryImages.ts';

const blob = Buffer.from('0123456789');
const empty = Buffer.alloc(0);
const v1 = Buffer.from('{"schemaVersion":2}\n');
const v2 = Buffer.from('{"schemaVersion":2,  "layers":[]}');
const digest = digestOf(blob);
const unknown = `sha256:${'0'.repeat(64)}`;
const tags = { v1, v2, 'v1.10': v1, V3: v1, latest: v2 };
const { url } = await serveImages({ after }, memoryImages(tags, [blob, empty]));

interface Row extends Asked {
  readonly reason: string;
  readonly path: string;
  readonly status: number;
  readonly code?: string;
  readonly body?: never;
  readonly bytes?: Buffer;
  readonly want?: IncomingHttpHeaders;
}

const rows: readonly Row[] = [
  { reason: 'the ping', path: '/v2/', status: 200 },
  {
    reason: 'a manifest by tag',
    path: '/v2/app/manifests/v2',
    status: 200,
    bytes: v2,
    want: {
      'content-type': manifestType,
      'docker-content-digest': digestOf(v2),
      'content-length': String(v2.length),
      etag: `"${digestOf(v2)}"`,
    },
  },
  { reason: 'the same under its namespace', path: '/v2/default/app/manifests/v2', status: 200, bytes: v2 },
  {
    reason: 'a mirror says which registry it stands for',
    path: '/v2/app/manifests/v1?ns=x',
    status: 200,
    bytes: v1,
  },
  {
    reason: 'containerd asks HEAD first',
    method: 'HEAD',
    path: '/v2/app/manifests/v1',
    headers: { accept: '*/*', 'accept-encoding': 'zstd,gzip,deflate' },
    status: 200,
    bytes: empty,
    want: { 'docker-content-digest': digestOf(v1), 'content-length': String(v1.length) },
  },
  { reason: 'a manifest by digest', path: `/v2/app/manifests/${digestOf(v1)}`, status: 200, bytes: v1 },
  {
    reason: 'Accept is not negotiated with',
    path: '/v2/app/manifests/v1',
    headers: { accept: 'text/html' },
    status: 200,
    want: { 'content-type': manifestType },
  },
  {
    reason: 'the client has it already',
    path: '/v2/app/manifests/v1',
    headers: { 'if-none-match': `W/"x", "${digestOf(v1)}"` },
    status: 304,
    bytes: empty,
  },
  {
    reason: 'the client has another',
    path: '/v2/app/manifests/v1',
    headers: { 'if-none-match': '"x"' },
    status: 200,
  },
  { reason: 'no such tag', path: '/v2/app/manifests/v9', status: 404, code: 'MANIFEST_UNKNOWN' },
  { reason: 'a tag of Object', path: '/v2/app/manifests/constructor', status: 404, code: 'MANIFEST_UNKNOWN' },
  { reason: 'no such digest', path: `/v2/app/manifests/${unknown}`, status: 404, code: 'MANIFEST_UNKNOWN' },
  { reason: 'no such image', path: '/v2/other/manifests/v1', status: 404, code: 'NAME_UNKNOWN' },
  { reason: 'no such namespace', path: '/v2/team/app/manifests/v1', status: 404, code: 'NAME_UNKNOWN' },
  { reason: 'an impossible name', path: '/v2/APP/manifests/v1', status: 400, code: 'NAME_INVALID' },
  {
    reason: 'a blob',
    path: `/v2/app/blobs/${digest}`,
    headers: { 'accept-encoding': 'zstd,gzip,deflate' },
    status: 200,
    bytes: blob,
    want: {
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'docker-content-digest': digest,
      'accept-ranges': 'bytes',
      'content-length': '10',
    },
  },
  {
    reason: 'HEAD of a blob, whose range does not count',
    method: 'HEAD',
    path: `/v2/app/blobs/${digest}`,
    headers: { range: 'bytes=0-1' },
    status: 200,
    bytes: empty,
    want: { 'content-length': '10' },
  },
  { reason: 'an empty blob', path: `/v2/app/blobs/${digestOf(empty)}`, status: 200, bytes: empty },
  {
    reason: 'a part',
    path: `/v2/app/blobs/${digest}`,
    headers: { range: 'bytes=2-4' },
    status: 206,
    bytes: Buffer.from('234'),
    want: { 'content-range': 'bytes 2-4/10', 'content-length': '3' },
  },
  {
    reason: 'the rest, as containerd resumes',
    path: `/v2/app/blobs/${digest}`,
    headers: { range: 'bytes=7-' },
    status: 206,
    bytes: Buffer.from('789'),
    want: { 'content-range': 'bytes 7-9/10' },
  },
  {
    reason: 'the end',
    path: `/v2/app/blobs/${digest}`,
    headers: { range: 'bytes=-1' },
    status: 206,
    bytes: Buffer.from('9'),
  },
  {
    reason: 'behind the end',
    path: `/v2/app/blobs/${digest}`,
    headers: { range: 'bytes=10-' },
    status: 416,
    code: 'RANGE_INVALID',
    want: { 'content-range': 'bytes */10' },
  },
  {
    reason: 'a part of another content',
    path: `/v2/app/blobs/${digest}`,
    headers: { range: 'bytes=2-4', 'if-range': '"other"' },
    status: 200,
    bytes: blob,
  },
  {
    reason: 'the client has the blob',
    path: `/v2/app/blobs/${digest}`,
    headers: { 'if-none-match': `"${digest}"` },
    status: 304,
    bytes: empty,
  },
  { reason: 'no such blob', path: `/v2/app/blobs/${unknown}`, status: 404, code: 'BLOB_UNKNOWN' },
  {
    reason: 'the blob under another name',
    path: `/v2/team/app/blobs/${digest}`,
    status: 404,
    code: 'BLOB_UNKNOWN',
  },
  { reason: 'a digest that is none', path: '/v2/app/blobs/sha256:00', status: 400, code: 'DIGEST_INVALID' },
  {
    reason: 'nothing refers to an image',
    path: `/v2/app/referrers/${digestOf(v1)}`,
    status: 200,
    want: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
  },
  { reason: 'referrers are never 404', path: `/v2/nobody/referrers/${unknown}`, status: 200 },
  { reason: 'referrers of no digest', path: '/v2/app/referrers/x', status: 400, code: 'DIGEST_INVALID' },
  { reason: 'the catalog is not given', path: '/v2/_catalog', status: 404, code: 'NAME_UNKNOWN' },
  { reason: 'outside the API', path: '/index.html', status: 404, code: 'NAME_UNKNOWN' },
  {
    reason: 'a manifest cannot be deleted',
    method: 'DELETE',
    path: `/v2/app/manifests/${digestOf(v1)}`,
    status: 405,
    code: 'UNSUPPORTED',
    want: { allow: 'GET, HEAD' },
  },
  {
    reason: 'nor a blob',
    method: 'DELETE',
    path: `/v2/app/blobs/${digest}`,
    status: 405,
    code: 'UNSUPPORTED',
  },
  { reason: 'nor pushed', method: 'POST', path: '/v2/app/blobs/uploads/', status: 405, code: 'UNSUPPORTED' },
  {
    reason: 'nor pushed in parts',
    method: 'PATCH',
    path: '/v2/app/blobs/uploads/0f8fad5b-d9cb-469f-a165-70867728950e',
    status: 405,
    code: 'UNSUPPORTED',
  },
  { reason: 'nor a manifest', method: 'PUT', path: '/v2/app/manifests/v1', status: 405, code: 'UNSUPPORTED' },
  {
    reason: 'there is no upload to ask about',
    path: '/v2/app/blobs/uploads/0f8fad5b-d9cb-469f-a165-70867728950e',
    status: 405,
    code: 'UNSUPPORTED',
  },
  { reason: 'alive', path: '/healthz', status: 200 },
  { reason: 'ready', path: '/readyz', status: 200 },
  { reason: 'counted', path: '/metrics', status: 200 },
];

describe('requests and answers', () => {
  for (const { reason, path, status, code, bytes, want = {}, method, headers } of rows) {
    test(`${reason}: ${method ?? 'GET'} ${path.slice(0, 50)}`, async () => {
      const answer = await ask(url, path, { ...(method && { method }), ...(headers && { headers }) });
      assert.equal(answer.status, status);
      assert.equal(answer.headers['content-encoding'], undefined);
      if (bytes !== undefined) assert.deepEqual(answer.body, bytes);
      if (code !== undefined) assert.equal(problemCode(answer), code);
      for (const [name, value] of Object.entries(want)) assert.equal(answer.headers[name], value, name);
    });
  }

  test('several ranges come as multipart/byteranges that add up', async () => {
    const answer = await ask(url, `/v2/app/blobs/${digest}`, { headers: { range: 'bytes=0-1,-2' } });
    assert.equal(answer.status, 206);
    const boundary = /^multipart\/byteranges; boundary=(\w+)$/.exec(
      answer.headers['content-type'] ?? '',
    )?.[1];
    const head = (range: string): string =>
      `\r\n--${boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes ${range}/10\r\n\r\n`;
    assert.equal(answer.body.toString(), `${head('0-1')}01${head('8-9')}89\r\n--${boundary}--\r\n`);
    assert.equal(answer.headers['content-length'], String(answer.body.length));
  });
});

describe('tags', () => {
  const list: readonly {
    readonly query: string;
    readonly tags: readonly string[];
    readonly link?: string;
  }[] = [
    { query: '', tags: ['V3', 'latest', 'v1', 'v1.10', 'v2'] },
    { query: '?n=2', tags: ['V3', 'latest'], link: '</v2/app/tags/list?n=2&last=latest>; rel="next"' },
    {
      query: '?n=2&last=latest',
      tags: ['v1', 'v1.10'],
      link: '</v2/app/tags/list?n=2&last=v1.10>; rel="next"',
    },
    { query: '?n=2&last=v1.10', tags: ['v2'] },
    { query: '?n=5', tags: ['V3', 'latest', 'v1', 'v1.10', 'v2'] },
    { query: '?n=0', tags: [] },
    { query: '?n=999999999999999', tags: ['V3', 'latest', 'v1', 'v1.10', 'v2'] },
    { query: '?last=v1.0', tags: ['v1.10', 'v2'] },
    { query: '?last=zzz', tags: [] },
    { query: '?last=%ff%fe', tags: [] },
  ];
  for (const { query, tags: want, link } of list) {
    test(`of ${JSON.stringify(query)}`, async () => {
      const answer = await ask(url, `/v2/app/tags/list${query}`);
      assert.equal(answer.status, 200);
      assert.deepEqual(JSON.parse(answer.body.toString()), { name: 'app', tags: want });
      assert.equal(answer.headers['link'], link);
    });
  }

  for (const query of ['?n=-1', '?n=x', '?n=', '?n=1e9', '?n=9999999999999999'])
    test(`not of ${query}`, async () => {
      const answer = await ask(url, `/v2/app/tags/list${query}`);
      assert.equal(answer.status, 400);
      assert.equal(problemCode(answer), 'PAGINATION_NUMBER_INVALID');
    });

  test('of no image', async () => {
    assert.equal(problemCode(await ask(url, '/v2/other/tags/list')), 'NAME_UNKNOWN');
  });
});

describe('the connection', () => {
  const smuggled: readonly { readonly reason: string; readonly bytes: string }[] = [
    {
      reason: 'both Content-Length and Transfer-Encoding',
      bytes:
        'GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n',
    },
    {
      reason: 'two lengths',
      bytes: 'GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nhello',
    },
    { reason: 'a header without a colon', bytes: 'GET /v2/ HTTP/1.1\r\nHost x\r\n\r\n' },
    { reason: 'no host', bytes: 'GET /v2/ HTTP/1.1\r\n\r\n' },
    { reason: 'a NUL in the path', bytes: 'GET /v2/\0 HTTP/1.1\r\nHost: x\r\n\r\n' },
  ];
  for (const { reason, bytes } of smuggled)
    test(`is refused: ${reason}`, async () => {
      const text = await askRaw(url, bytes);
      assert.match(text, /^HTTP\/1\.1 400 /);
      assert.equal(text.match(/HTTP\/1\.1 /g)?.length, 1);
    });

  test('is refused with a path of 64 KiB', async () => {
    const text = await askRaw(url, `GET /v2/${'a'.repeat(65_536)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    // The rest of the line is never read, so that the connection may be cut before the answer is.
    assert.match(text, /^(HTTP\/1\.1 431 |$)/);
  });

  test('gets a plain answer for any path that HTTP carries, and never a 500', async () => {
    const piece = fc.constantFrom(
      ...[
        '/',
        '..',
        '.',
        '%2e',
        '%2f',
        '%00',
        '%c0%ae',
        'v2',
        'app',
        'manifests',
        'blobs',
        'tags',
        'list',
        'v1',
      ],
      ...['?', '&', '=', '#', '\xff', '\\', ';', ':', digest, 'referrers', 'uploads', '_catalog'],
    );
    const paths = fc.array(piece, { maxLength: 10 }).map((parts) => `/v2/${parts.join('')}`);
    await fc.assert(
      fc.asyncProperty(paths, async (path) => {
        const text = await askRaw(url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        assert.match(text, /^HTTP\/1\.1 (200|400|404|405) /);
      }),
      { numRuns: 300 },
    );
  });
});

describe('when the store fails', () => {
  test('an absent volume is 503 for images and for readiness, not for liveness', async (t) => {
    const away = async (): Promise<never> => {
      throw unavailable();
    };
    const images = memoryImages({}, [], { resolve: away, blob: away, tags: away, ready: async () => false });
    const server = await serveImages(t, images);
    for (const path of ['/v2/app/manifests/v1', `/v2/app/blobs/${digest}`, '/v2/app/tags/list']) {
      const answer = await ask(server.url, path);
      assert.equal(answer.status, 503);
      assert.equal(problemCode(answer), 'UNAVAILABLE');
    }
    assert.equal((await ask(server.url, '/readyz')).status, 503);
    assert.equal((await ask(server.url, '/healthz')).status, 200);
  });

  test('what nobody foresaw is a 500 that shows nothing but the id in the log', async (t) => {
    const lines: string[] = [];
    const images = memoryImages({}, [], {
      async resolve() {
        throw new Error('secret path');
      },
    });
    const server = await serveImages(t, images, (line) => lines.push(line));
    const answer = await ask(server.url, '/v2/app/manifests/v1', { headers: { 'x-request-id': 'abc.1' } });
    assert.equal(answer.status, 500);
    assert.equal(problemCode(answer), 'UNKNOWN');
    assert.doesNotMatch(answer.body.toString(), /secret/);
    assert.equal(answer.headers['x-request-id'], 'abc.1');
    assert.ok(lines.some((line) => line.includes('secret path') && line.includes('abc.1')));
  });

  test('an id that could garble the log is replaced', async () => {
    const answer = await ask(url, '/v2/', { headers: { 'x-request-id': 'a b"c' } });
    assert.match(String(answer.headers['x-request-id']), /^[0-9a-f-]{36}$/);
  });

  test('requests are counted by class of route and status', async () => {
    await ask(url, '/v2/app/manifests/v1');
    const text = (await ask(url, '/metrics')).body.toString();
    assert.match(text, /niximage_http_requests_total\{route="ManifestByTag",status="200"\} \d/);
  });
});
