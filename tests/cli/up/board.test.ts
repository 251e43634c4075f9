import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { Terminal } from '../../../cli/command.ts';
import { Board } from '../../../cli/up/board.ts';
import type { ImageView, Outcome } from '../../../cli/up/imageView.ts';
import { ProgressReader } from '../../../cli/up/progressReader.ts';
import type { Progress } from '../../../runtime/contract/progress.ts';

function terminal(heard: (text: string) => void): Terminal {
  return {
    cwd: '/',
    env: { PATH: '' },
    stdin: Readable.from([]),
    stdout: { write: heard },
    stderr: { write: heard },
    signal: new AbortController().signal,
  };
}

const image = (outcome: Outcome): ImageView => ({
  namespace: 'default',
  name: 'x',
  version: 'v1',
  outcome,
  demo: false,
});
const built = (digest: string) => image({ kind: 'Built', reference: '127.0.0.1:5001/x:v1', digest });

test('what becomes of an image is told once, and again after it was built again', async () => {
  let text = '';
  const board = new Board(
    terminal((more) => (text += more)),
    new ProgressReader('http://127.0.0.1:1', 'token'),
  );
  const count = () => text.split('is Built').length - 1;
  await board.show([built('a')]);
  await board.show([built('a')]);
  assert.equal(count(), 1);
  assert.match(
    text,
    /127\.0\.0\.1:5001\/x:v1 is Built\. To run it:\n {4}podman run .*127\.0\.0\.1:5001\/x:v1\n/,
  );
  await board.show([image({ kind: 'Waiting', message: '' })]);
  await board.show([built('a')]);
  assert.equal(count(), 2);
  await board.show([image({ kind: 'Failed', message: 'there is no crul', logTail: 'one\ntwo\u001b[31m\n' })]);
  assert.match(text, /\nx: there is no crul\n {4}one\n {4}two \[31m\n/);
  board.close();
});

test("a builder's activity is read from the keeper and shown", async (t) => {
  const progress: Progress = {
    v: 1,
    pod: 'x-1',
    activity: { kind: 'Building', done: 1, expected: 3, name: 'jq' },
    at: '2026-01-01T00:00:00Z',
  };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers.authorization} ${request.url}`);
    response.end(JSON.stringify(progress));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const shown = Promise.withResolvers<void>();
  const board = new Board(
    terminal((text) => {
      if (/x +v1 +Building +building 1 of 3 \(jq\)/.test(text)) shown.resolve();
    }),
    new ProgressReader(`http://127.0.0.1:${port}`, 'secret'),
  );
  await board.show([image({ kind: 'Building', pod: 'x-1' })]);
  await shown.promise;
  board.close();
  assert.equal(asked[0], 'Bearer secret /internal/v1/namespaces/default/images/x/progress/x-1');
});
