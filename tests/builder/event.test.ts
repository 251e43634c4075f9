import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { activityOf, afterEvent, initialNixState } from '../../builder/nix/activity.ts';
import { type NixEvent, parseNixLine } from '../../builder/nix/event.ts';
import { EvidenceCollector, keptLines } from '../../builder/nix/evidence.ts';
import { LineSplitter } from '../../builder/nix/lines.ts';
import { ReadableLog } from '../../builder/nix/readable.ts';
import { plainLine, shortened } from '../../builder/nix/text.ts';
import { type Activity, describeActivity } from '../../runtime/contract/progress.ts';

const curl = '/nix/store/fzlg7n735qn39yl371ngc50bf744r67w-curl-1.drv';

describe('parseNixLine', () => {
  const rows: readonly { reason: string; line: string; want: NixEvent }[] = [
    {
      reason: 'a build begins',
      line: `@nix {"action":"start","fields":["${curl}","",1,1],"id":37168646979589,"level":3,"text":"building","type":105}`,
      want: { kind: 'BuildStarted', id: '37168646979589', derivation: curl },
    },
    {
      reason: '2.26 adds the parent; an id beyond 2^53 stays exact',
      line: `@nix {"action":"start","fields":["/nix/store/a-b","https://c","local"],"id":18014398509481985,"level":3,"parent":0,"text":"","type":100}`,
      want: { kind: 'FetchStarted', id: '18014398509481985', path: '/nix/store/a-b', from: 'https://c' },
    },
    {
      reason: 'the count of builds',
      line: '@nix {"action":"start","id":5,"level":0,"text":"","type":104}',
      want: { kind: 'CounterStarted', id: '5', counts: 'builds' },
    },
    {
      reason: 'a count',
      line: '@nix {"action":"result","fields":[1,2,0,0],"id":5,"type":105}',
      want: { kind: 'Counted', id: '5', done: 1, expected: 2 },
    },
    {
      reason: 'a line of a build, with colours and a bar drawn over itself',
      line: '@nix {"action":"result","fields":["10%\\r100% \\u001b[31mdone\\u001b[0m"],"id":6,"type":101}',
      want: { kind: 'Logged', id: '6', line: '100% done' },
    },
    { reason: 'an end', line: '@nix {"action":"stop","id":6}', want: { kind: 'Stopped', id: '6' } },
    {
      reason: '2.26 writes the position into the file',
      line: '@nix {"action":"msg","column":2,"file":"/a/b.nix:2:4","level":0,"line":2,"msg":"m","raw_msg":"r"}',
      want: { kind: 'Said', level: 0, text: 'm', error: 'r', file: '/a/b.nix', line: 2, trace: [] },
    },
    {
      reason: '2.8 ends with a hint that has no raw_msg',
      line: '@nix {"action":"msg","level":0,"msg":"(use x)"}',
      want: { kind: 'Said', level: 0, text: '(use x)', trace: [] },
    },
    { reason: 'git’s own line', line: 'fatal: not found', want: { kind: 'Raw', line: 'fatal: not found' } },
    { reason: 'half a line', line: '@nix {"action":', want: { kind: 'Raw', line: '@nix {"action":' } },
    { reason: 'an unknown action', line: '@nix {"action":"new"}', want: { kind: 'Other' } },
    {
      reason: 'fields of other types',
      line: '@nix {"action":"start","id":1,"type":105,"fields":[1]}',
      want: { kind: 'Other' },
    },
  ];
  for (const { reason, line, want } of rows) test(reason, () => assert.deepEqual(parseNixLine(line), want));

  test('whatever stands on a line, it is an event', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json().map((json) => `@nix ${json}`),
      fc
        .record({
          action: fc.constantFrom('start', 'stop', 'result', 'msg'),
          id: fc.anything(),
          type: fc.constantFrom(100, 101, 103, 104, 105),
          fields: fc.anything(),
          msg: fc.anything(),
          raw_msg: fc.anything(),
          trace: fc.anything(),
        })
        .map(
          (value) =>
            `@nix ${JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each))}`,
        ),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const events = lines.map(parseNixLine);
        const collector = new EvidenceCollector();
        const log = new ReadableLog();
        for (const event of events) {
          collector.add(event);
          for (const shown of log.linesFor(event)) assert.doesNotMatch(shown, /[\n\r\u001b]/);
        }
        assert.ok(describeActivity(activityOf(events.reduce(afterEvent, initialNixState))).length > 0);
      }),
    );
  });
});

describe('LineSplitter', () => {
  test('gives the lines back, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', ''))),
        fc.array(fc.nat(40)),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const splitter = new LineSplitter();
          const got: string[] = [];
          let from = 0;
          for (const cut of cuts) {
            got.push(...splitter.push(bytes.subarray(from, from + cut)));
            from += cut;
          }
          got.push(...splitter.push(bytes.subarray(from)), ...splitter.end());
          assert.deepEqual(got, lines);
        },
      ),
    );
  });

  test('holds no more of a line than its limit', () => {
    const splitter = new LineSplitter(10);
    for (let count = 0; count < 100; count += 1) assert.deepEqual(splitter.push(Buffer.alloc(1000, 'a')), []);
    assert.deepEqual(splitter.push(Buffer.from('\nnext\n')), ['a'.repeat(10), 'next']);
  });
});

describe('texts', () => {
  test('shortened text is whole characters within its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, length) => {
        const short = shortened(text, length);
        assert.ok(short.length <= Math.max(length, 1));
        assert.ok(short.isWellFormed());
      }),
    );
  });

  const rows: readonly { reason: string; text: string; want: string }[] = [
    { reason: 'a line end of Windows', text: 'done\r', want: 'done' },
    { reason: 'colours', text: '\u001b[1;31mred\u001b[0m', want: 'red' },
    { reason: 'a link', text: '\u001b]8;;http://x\u0007text\u001b]8;;\u0007', want: 'text' },
    { reason: 'a bell', text: 'a\u0007b', want: 'ab' },
  ];
  for (const { reason, text, want } of rows) test(reason, () => assert.equal(plainLine(text), want));
});

describe('activityOf', () => {
  const counter = (id: string, counts: 'builds' | 'fetches'): NixEvent => ({
    kind: 'CounterStarted',
    id,
    counts,
  });
  const count = (id: string, done: number, expected: number): NixEvent => ({
    kind: 'Counted',
    id,
    done,
    expected,
  });
  const rows: readonly { reason: string; events: readonly NixEvent[]; want: Activity }[] = [
    { reason: 'nothing yet', events: [], want: { kind: 'Evaluating' } },
    {
      reason: 'counters with nothing to do',
      events: [counter('1', 'builds'), count('1', 0, 0)],
      want: { kind: 'Evaluating' },
    },
    {
      reason: 'fetches run before builds',
      events: [counter('1', 'builds'), counter('2', 'fetches'), count('1', 0, 2), count('2', 3, 12)],
      want: { kind: 'Fetching', done: 3, expected: 12 },
    },
    {
      reason: 'a build runs',
      events: [counter('1', 'builds'), count('1', 0, 2), { kind: 'BuildStarted', id: '9', derivation: curl }],
      want: { kind: 'Building', done: 0, expected: 2, name: 'curl-1' },
    },
    {
      reason: 'a build has ended',
      events: [
        counter('1', 'builds'),
        { kind: 'BuildStarted', id: '9', derivation: curl },
        count('1', 1, 2),
        { kind: 'Stopped', id: '9' },
      ],
      want: { kind: 'Building', done: 1, expected: 2 },
    },
    {
      reason: 'bytes of a copy are no count of ours',
      events: [count('77', 8192, 100000)],
      want: { kind: 'Evaluating' },
    },
  ];
  for (const { reason, events, want } of rows)
    test(reason, () => assert.deepEqual(activityOf(events.reduce(afterEvent, initialNixState)), want));
});

test('evidence has a bound, whatever a build prints', () => {
  const collector = new EvidenceCollector();
  for (let build = 0; build < 200; build += 1) {
    collector.add({ kind: 'BuildStarted', id: String(build), derivation: `/nix/store/${build}.drv` });
    for (let line = 0; line < 100; line += 1)
      collector.add({ kind: 'Logged', id: String(build), line: 'x'.repeat(10_000) });
    collector.add({ kind: 'Said', level: 0, text: 'e', error: 'e', trace: [] });
    collector.add({ kind: 'Raw', line: 'r' });
  }
  const { errors, logs, raw } = collector.evidence();
  assert.ok(errors.length <= 8 && raw.length === keptLines && logs.size <= 32);
  for (const lines of logs.values())
    assert.ok(lines.length === keptLines && lines.every((each) => each.length <= 500));
});
