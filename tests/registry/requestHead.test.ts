import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readRequestHead } from '../../registry/serve/requestHead.ts';

const plain = 'GET /v2/ HTTP/1.1\r\nHost: x\r\n';

describe('a plain request', () => {
  const rows: readonly { readonly reason: string; readonly text: string; readonly url?: string }[] = [
    { reason: 'the shortest', text: `${plain}\r\n` },
    {
      reason: 'what containerd says',
      text: 'GET /v2/app/manifests/v1?ns=x HTTP/1.1\r\nHost: x:1\r\nUser-Agent: containerd/2\r\nAccept: a/b, */*\r\nAccept-Encoding: zstd;q=1.0\r\n\r\n',
      url: '/v2/app/manifests/v1?ns=x',
    },
    { reason: 'names in any case', text: 'GET /v2/ HTTP/1.1\r\nhOsT: x\r\nCONNECTION: Keep-Alive\r\n\r\n' },
    { reason: 'no blank after the colon', text: 'GET /v2/ HTTP/1.1\r\nHost:x\r\n\r\n' },
  ];
  for (const { reason, text, url = '/v2/' } of rows)
    test(`is read: ${reason}`, () => assert.deepEqual(readRequestHead(text), { method: 'GET', url }));
});

describe('left to the parser is', () => {
  const rows: readonly { readonly reason: string; readonly text: string }[] = [
    { reason: 'nothing', text: '' },
    { reason: 'half a request', text: plain },
    { reason: 'half an end', text: `${plain}\r` },
    { reason: 'a request and the start of another', text: `${plain}\r\nGET` },
    { reason: 'two requests', text: `${plain}\r\n${plain}\r\n` },
    { reason: 'a blank line before it', text: `\r\n${plain}\r\n` },
    { reason: 'another method', text: 'POST /v2/ HTTP/1.1\r\nHost: x\r\n\r\n' },
    { reason: 'a method in small letters', text: 'get /v2/ HTTP/1.1\r\nHost: x\r\n\r\n' },
    { reason: 'HTTP/1.0', text: 'GET /v2/ HTTP/1.0\r\nHost: x\r\n\r\n' },
    { reason: 'a URL with a host', text: 'GET http://x/v2/ HTTP/1.1\r\nHost: x\r\n\r\n' },
    { reason: 'two blanks before the version', text: 'GET /v2/  HTTP/1.1\r\nHost: x\r\n\r\n' },
    { reason: 'no host', text: 'GET /v2/ HTTP/1.1\r\nAccept: x\r\n\r\n' },
    { reason: 'two hosts', text: `${plain}Host: y\r\n\r\n` },
    { reason: 'an empty host', text: 'GET /v2/ HTTP/1.1\r\nHost:\r\n\r\n' },
    { reason: 'a length', text: `${plain}Content-Length: 0\r\n\r\n` },
    { reason: 'chunks', text: `${plain}Transfer-Encoding: chunked\r\n\r\n` },
    { reason: 'a range', text: `${plain}Range: bytes=0-1\r\n\r\n` },
    { reason: 'a condition', text: `${plain}If-None-Match: *\r\n\r\n` },
    { reason: 'a token', text: `${plain}Authorization: Bearer x\r\n\r\n` },
    { reason: 'an id', text: `${plain}X-Request-Id: x\r\n\r\n` },
    { reason: 'an expectation', text: `${plain}Expect: 100-continue\r\n\r\n` },
    { reason: 'a wish to close', text: `${plain}Connection: close\r\n\r\n` },
    { reason: 'a wish for more', text: `${plain}Connection: keep-alive, upgrade\r\n\r\n` },
    { reason: 'a blank before the colon', text: `${plain}Accept : x\r\n\r\n` },
    { reason: 'a blank before the name', text: `${plain} Accept: x\r\n\r\n` },
    { reason: 'a value that goes on in the next line', text: `${plain}Accept: x\r\n y\r\n\r\n` },
    { reason: 'a line feed alone', text: `${plain}Accept: x\nRange: y\r\n\r\n` },
    { reason: 'a carriage return alone', text: `${plain}Accept: x\rRange: y\r\n\r\n` },
    { reason: 'NUL', text: `${plain}Accept: x\0\r\n\r\n` },
    { reason: 'a byte that is no ASCII', text: `${plain}Accept: \xff\r\n\r\n` },
    { reason: 'a line without a colon', text: `${plain}Accept\r\n\r\n` },
    { reason: 'an empty line in between', text: `${plain}\r\nAccept: x\r\n\r\n` },
    { reason: 'one that is long', text: `${plain}Accept: ${'x'.repeat(5000)}\r\n\r\n` },
  ];
  for (const { reason, text } of rows) test(reason, () => assert.equal(readRequestHead(text), undefined));

  test('whatever has more lines than it seems to', () => {
    const piece = fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      ' ',
      ':',
      'Host: x',
      'Accept: x',
      'GET',
      '/v2/',
      'HTTP/1.1',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = `${plain}${pieces.join('')}\r\n\r\n`;
        const read = readRequestHead(text);
        const end = text.indexOf('\r\n\r\n') + 4;
        if (read !== undefined) assert.equal(end, text.length);
        if (/[^\r]\n|\r[^\n]/.test(text)) assert.equal(read, undefined);
      }),
    );
  });
});
