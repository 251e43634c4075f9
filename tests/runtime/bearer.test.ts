import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bearerCheck, readToken, TokenError } from '../../runtime/bearer.ts';
import { temporaryFolder } from '../support/tmp.ts';

describe('bearerCheck', () => {
  const rows: { reason: string; header: string | undefined; holds: boolean }[] = [
    { reason: 'the token', header: 'Bearer abc.DEF-123', holds: true },
    {
      reason: 'the scheme in other letters (RFC 9110: case does not matter)',
      header: 'bearer abc.DEF-123',
      holds: true,
    },
    { reason: 'no header', header: undefined, holds: false },
    { reason: 'an empty header', header: '', holds: false },
    { reason: 'a scheme without a token', header: 'Bearer ', holds: false },
    { reason: 'a start of the token', header: 'Bearer abc', holds: false },
    { reason: 'the token and more', header: 'Bearer abc.DEF-1234', holds: false },
    { reason: 'the token in other letters', header: 'Bearer abc.def-123', holds: false },
    { reason: 'the token without a scheme', header: 'abc.DEF-123', holds: false },
    { reason: 'another scheme', header: 'Basic abc.DEF-123', holds: false },
    { reason: 'two words', header: 'Bearer abc.DEF-123 abc.DEF-123', holds: false },
  ];
  const check = bearerCheck('abc.DEF-123');
  for (const { reason, header, holds } of rows) test(reason, () => assert.equal(check(header), holds));
});

describe('readToken', () => {
  test('takes the white space away', async (t) => {
    const file = join(await temporaryFolder(t), 'token');
    await writeFile(file, '  abc \n');
    assert.equal(await readToken(file), 'abc');
  });

  test('refuses an empty file by its name', async (t) => {
    const file = join(await temporaryFolder(t), 'token');
    await writeFile(file, ' \n');
    await assert.rejects(readToken(file), (error: unknown) => {
      assert.ok(error instanceof TokenError);
      assert.equal(error.code, 'TOKEN_EMPTY');
      assert.ok(error.message.includes(file));
      return true;
    });
  });

  test('names a file that is not there', async (t) => {
    const file = join(await temporaryFolder(t), 'token');
    await assert.rejects(readToken(file), (error: unknown) => {
      assert.ok(error instanceof TokenError);
      assert.equal(error.code, 'TOKEN_UNREADABLE');
      assert.ok(error.message.includes(file));
      assert.ok(error.cause instanceof Error);
      return true;
    });
  });
});
