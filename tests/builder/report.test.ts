import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BuildError } from '../../builder/errors.ts';
import { failureOf, terminationMessage } from '../../builder/report.ts';
import {
  type BuildFailed,
  type BuildSucceeded,
  terminationMessageLimit,
} from '../../runtime/contract/report.ts';
import { mostSources, parseResolvedSources } from '../../runtime/contract/sources.ts';

describe('terminationMessage', () => {
  test('tells what each of the most sources was, with names where there is room for them', () => {
    const report = (sources: number, length: number): BuildSucceeded => ({
      v: 1,
      result: 'Built',
      digest: `sha256:${'a'.repeat(64)}`,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      size: 999_999_999_999,
      layers: 127,
      reusedLayers: 127,
      sources: Array.from({ length: sources }, (_, index) => ({
        name: `${index}`.padStart(length, 'n'),
        rev: 'b'.repeat(40),
        narHash: `sha256:${'c'.repeat(52)}`,
      })),
    });
    const few = report(3, 40);
    assert.deepEqual(JSON.parse(terminationMessage(few)), few);
    const many = report(mostSources, 512);
    const written = terminationMessage(many);
    assert.ok(Buffer.byteLength(written) <= terminationMessageLimit);
    const names = many.sources?.map(({ name }) => name);
    assert.deepEqual(parseResolvedSources(JSON.parse(written).sources, names), many.sources);
  });

  test('is whole JSON of at most 4,096 bytes, and keeps reason and attribute', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12_000, size: 'max' }),
      fc.array(fc.string({ unit: 'grapheme' })).map((lines) => lines.join('\n')),
      fc.integer({ min: 0, max: 9000 }).map((length) => '\u0001'.repeat(length)),
      fc.integer({ min: 0, max: 4000 }).map((length) => '😀'.repeat(length)),
    );
    fc.assert(
      fc.property(
        text,
        fc.option(text, { nil: undefined }),
        fc.option(text, { nil: undefined }),
        (message, logTail, attribute) => {
          const report: BuildFailed = {
            v: 1,
            result: 'Failed',
            reason: 'BuildFailed',
            message,
            ...(logTail === undefined ? {} : { logTail }),
            ...(attribute === undefined ? {} : { attribute }),
            transient: false,
          };
          const written = terminationMessage(report);
          assert.ok(Buffer.byteLength(written) <= terminationMessageLimit);
          const read: BuildFailed = JSON.parse(written);
          assert.equal(read.reason, 'BuildFailed');
          if (attribute !== undefined && attribute.length <= 200) assert.equal(read.attribute, attribute);
        },
      ),
    );
  });

  test('what is cut of the log is its beginning', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `${index} ${'x'.repeat(400)}`);
    const written = terminationMessage({
      v: 1,
      result: 'Failed',
      reason: 'BuildFailed',
      message: 'm',
      logTail: lines.join('\n'),
      transient: false,
    });
    const read: BuildFailed = JSON.parse(written);
    const kept = read.logTail?.split('\n') ?? [];
    assert.ok(kept.length > 5);
    assert.deepEqual(kept, lines.slice(-kept.length));
  });
});

test('failureOf keeps what a build error says and calls all else internal', () => {
  assert.deepEqual(failureOf(new BuildError('DiskFull', 'm', { transient: true })), {
    v: 1,
    result: 'Failed',
    reason: 'DiskFull',
    message: 'm',
    transient: true,
  });
  assert.equal(failureOf(new TypeError('x')).reason, 'InternalError');
});
