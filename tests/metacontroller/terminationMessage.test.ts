import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  exitCodeFrom,
  readLogTail,
  readMessage,
} from '../../metacontroller/embedded/pods/terminationMessage.ts';
import { temporaryFolder } from '../support/tmp.ts';

describe('a termination message', () => {
  const rows: readonly { readonly reason: string; readonly written: string; readonly read: string }[] = [
    { reason: 'a short one is read whole', written: '{"v":1}\n', read: '{"v":1}' },
    { reason: '4,096 bytes are, too', written: 'a'.repeat(4096), read: 'a'.repeat(4096) },
    { reason: 'a longer one is cut', written: 'a'.repeat(5000), read: 'a'.repeat(4096) },
    {
      reason: 'a character at the cut is left out whole',
      written: `${'a'.repeat(4094)}😀😀`,
      read: 'a'.repeat(4094),
    },
    {
      reason: 'one that just fits stays',
      written: `${'a'.repeat(4092)}😀😀`,
      read: `${'a'.repeat(4092)}😀`,
    },
    { reason: 'an empty one is none', written: '', read: '' },
  ];
  for (const { reason, written, read } of rows)
    test(reason, async (t) => {
      const path = join(await temporaryFolder(t), 'termination-log');
      await writeFile(path, written);
      assert.equal(await readMessage(path), read);
    });

  test('where there is no file it is empty', async (t) => {
    assert.equal(await readMessage(join(await temporaryFolder(t), 'termination-log')), '');
  });
});

describe("a log's end", () => {
  const line = `${'a'.repeat(9)}\n`;
  const rows: readonly { readonly reason: string; readonly log: string; readonly tail: string }[] = [
    { reason: 'a short log is taken whole', log: 'one\ntwo\n', tail: 'one\ntwo' },
    { reason: 'no more than 80 lines', log: line.repeat(100), tail: line.repeat(80).trimEnd() },
    { reason: 'no more than 2,048 bytes', log: 'a'.repeat(5000), tail: 'a'.repeat(2048) },
    { reason: 'no piece of a character', log: `😀${'a'.repeat(2046)}`, tail: 'a'.repeat(2046) },
    { reason: 'an empty log has none', log: '', tail: '' },
  ];
  for (const { reason, log, tail } of rows)
    test(reason, async (t) => {
      const path = join(await temporaryFolder(t), 'x.log');
      await writeFile(path, log);
      assert.equal(await readLogTail(path), tail);
    });

  test('where there is no log it is empty', async (t) => {
    assert.equal(await readLogTail(join(await temporaryFolder(t), 'x.log')), '');
  });
});

describe('the exit code that a message tells', () => {
  const rows: readonly { readonly reason: string; readonly message: string; readonly exitCode: number }[] = [
    { reason: 'a success', message: '{"v":1,"result":"Built"}', exitCode: 0 },
    { reason: 'written another way', message: '{ "result": "Built" }', exitCode: 0 },
    {
      reason: 'a failure that quotes one',
      message: '{"result":"Failed","logTail":"\\"result\\":\\"Built\\""}',
      exitCode: 1,
    },
    { reason: 'a cut report', message: '{"result":"Built","dig', exitCode: 1 },
    { reason: 'another JSON', message: 'null', exitCode: 1 },
    { reason: 'nothing, as of one that was killed', message: '', exitCode: 137 },
  ];
  for (const { reason, message, exitCode } of rows)
    test(`${exitCode}: ${reason}`, () => assert.equal(exitCodeFrom(message), exitCode));
});
