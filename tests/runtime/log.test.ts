import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CodedError } from '../../runtime/errors.ts';
import { createLogger } from '../../runtime/log.ts';

function capture(): { lines: () => Record<string, unknown>[]; destination: { write(text: string): void } } {
  const texts: string[] = [];
  return {
    destination: { write: (text) => void texts.push(text) },
    lines: () => texts.map((text) => JSON.parse(text) as Record<string, unknown>),
  };
}

describe('createLogger', () => {
  test('writes one JSON line a message, with its fields', () => {
    const { destination, lines } = capture();
    createLogger({ name: 'hook', destination }).info({ parent: 'default/curl-and-jq' }, 'synced');
    const [line] = lines();
    assert.equal(lines().length, 1);
    assert.equal(line?.['level'], 'info');
    assert.equal(line?.['name'], 'hook');
    assert.equal(line?.['msg'], 'synced');
    assert.equal(line?.['parent'], 'default/curl-and-jq');
    assert.match(String(line?.['time']), /^\d{4}-\d\d-\d\dT/);
  });

  test('is silent below its level', () => {
    const { destination, lines } = capture();
    const logger = createLogger({ name: 'hook', level: 'warn', destination });
    logger.info('not this');
    logger.warn('this');
    assert.deepEqual(
      lines().map((line) => line['msg']),
      ['this'],
    );
  });

  const secret = 'Bearer s3cret';
  const rows: { reason: string; fields: object }[] = [
    { reason: 'a header on its own', fields: { authorization: secret } },
    { reason: 'the headers of a message', fields: { headers: { authorization: secret } } },
    { reason: 'the headers of a request', fields: { req: { headers: { authorization: secret } } } },
    { reason: 'a token', fields: { token: 's3cret' } },
    { reason: 'a token in the options', fields: { options: { token: 's3cret' } } },
  ];
  for (const { reason, fields } of rows)
    test(`strikes out ${reason}`, () => {
      const { destination, lines } = capture();
      createLogger({ name: 'hook', destination }).info(fields, 'called');
      const line = JSON.stringify(lines()[0]);
      assert.ok(!line.includes('s3cret'), line);
      assert.ok(line.includes('(hidden)'), line);
    });

  test('tells an error with its code and its cause', () => {
    const { destination, lines } = capture();
    const error = new CodedError('LOST', 'the volume is lost', { cause: new Error('EIO') });
    createLogger({ name: 'keeper', destination }).error({ error }, 'cannot read');
    const told = JSON.stringify(lines()[0]?.['error']);
    assert.match(told, /LOST/);
    assert.match(told, /EIO/);
  });
});
