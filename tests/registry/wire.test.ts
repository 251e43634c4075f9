import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Reply } from '../../registry/serve/reply.ts';
import { createWakefulness } from '../../registry/serve/wakefulness.ts';
import { wireOf } from '../../registry/serve/wire.ts';

const second = 1_700_000_000;

function replyOf(bytes: Buffer, type = 'text/plain'): Reply {
  return {
    status: 200,
    headers: { 'content-type': type, 'content-length': bytes.length },
    body: { kind: 'Bytes', bytes },
  };
}

describe('the head of an answer', () => {
  test('is what HTTP has it to be', () => {
    const reply = replyOf(Buffer.from('hello'));
    const wire = wireOf(reply, second, 100);
    const head = [
      'HTTP/1.1 200 OK',
      'content-type: text/plain',
      'content-length: 5',
      'Date: Tue, 14 Nov 2023 22:13:20 GMT',
      'Connection: keep-alive',
      'Keep-Alive: timeout=100',
      '\r\n',
    ].join('\r\n');
    assert.equal(wire?.head.toString(), head);
    assert.equal(wire?.whole?.toString(), `${head}hello`);
    assert.ok(wire?.isOf(reply, second));
    assert.ok(!wire?.isOf(reply, second + 1), 'its date is another then');
    assert.ok(!wire?.isOf(replyOf(Buffer.from('other')), second));
  });

  test('goes out by itself before a long body', () => {
    assert.equal(wireOf(replyOf(Buffer.alloc(100_000)), second, 100)?.whole, undefined);
  });

  for (const type of ['a\r\nX-Forged: b', 'a\nb', 'a\rb', 'a\0', 'ä', '\x7f'])
    test(`is not made of ${JSON.stringify(type)}`, () =>
      assert.equal(wireOf(replyOf(Buffer.alloc(1), type), second, 100), undefined));
});

describe('the process stays awake', () => {
  const [one, other] = [{}, {}];
  const isAwake = (): boolean => process.getActiveResourcesInfo().includes('Immediate');

  test('while requests follow each other at once, and sleeps after', async () => {
    let now = 0;
    const answered = createWakefulness(() => now);
    answered(one);
    assert.ok(!isAwake(), 'one request says nothing yet');
    now += 0.04;
    answered(one);
    assert.ok(isAwake());
    now += 0.04;
    await delay(1);
    assert.ok(isAwake());
    now += 0.02;
    await delay(1);
    assert.ok(!isAwake());
  });

  test('for no client that takes its time', () => {
    let now = 0;
    const answered = createWakefulness(() => now);
    for (let turn = 0; turn < 10; turn += 1) {
      answered(one);
      assert.ok(!isAwake());
      now += 0.2;
    }
  });

  test('for nobody in particular where several ask', async () => {
    let now = 0;
    const answered = createWakefulness(() => now);
    for (let turn = 0; turn < 10; turn += 1) {
      answered(turn % 2 === 0 ? one : other);
      assert.ok(!isAwake());
      now += 0.01;
    }
    answered(other);
    answered(other);
    assert.ok(isAwake());
    answered(one);
    await delay(1);
    assert.ok(!isAwake(), 'another one came in between');
  });
});
