import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LiveTable } from '../../../cli/terminal/liveTable.ts';
import { paintFor } from '../../../cli/terminal/style.ts';
import { clip, displayWidth, formatTable, printable } from '../../../cli/terminal/table.ts';

class Screen {
  text = '';
  readonly columns = 40;
  readonly isTTY: boolean;
  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }
  write(text: string): void {
    this.text += text;
  }
  /** What a terminal shows after the escapes used here: cursor up, erase below. */
  shown(): string[] {
    const lines: string[] = [];
    for (const part of this.text.split(/(?=\u001b\[\d+A)/)) {
      const up = /^\u001b\[(\d+)A/.exec(part)?.[1];
      if (up !== undefined) lines.splice(lines.length - Number(up));
      lines.push(
        ...part
          .replace(/^\u001b\[\d+A/, '')
          .replaceAll('\r\u001b[J', '')
          .split('\n')
          .slice(0, -1),
      );
    }
    return lines;
  }
}

const row = (name: string, ...cells: string[]) => ({ key: name, cells: [name, ...cells] });

test('a table is redrawn in place on a terminal, lines said stay above it', () => {
  const screen = new Screen(true);
  const table = new LiveTable(screen, ['NAME', 'STATUS']);
  table.show([row('a', 'BuildPending'), row('b', 'Building')]);
  table.say('told\n');
  table.show([row('a', 'Built'), row('b', 'Building')]);
  assert.deepEqual(screen.shown(), ['told', 'NAME   STATUS', 'a      Built', 'b      Building']);
  table.show([row('b', 'Built')]);
  assert.deepEqual(screen.shown(), ['told', 'NAME   STATUS', 'b      Built']);
  table.show([]);
  assert.deepEqual(screen.shown(), ['told']);
});

test('elsewhere a row is one line for each change, and a removed one is told', () => {
  const screen = new Screen(false);
  const table = new LiveTable(screen, ['NAME', 'STATUS']);
  table.show([row('a', 'Building'), row('b', 'Building')]);
  table.show([row('a', 'Building'), row('b', 'Built')]);
  table.show([row('b', 'Built')]);
  assert.equal(screen.text, 'a   Building\nb   Building\nb   Built\na   removed\n');
});

test('a row wider than the terminal is cut, not wrapped', () => {
  const screen = new Screen(true);
  new LiveTable(screen, ['NAME', 'STATUS']).show([row('a', 'x'.repeat(100))]);
  for (const line of screen.shown()) assert.ok(line.length < screen.columns, line);
});

test('wide characters and combining marks keep the columns', () => {
  assert.deepEqual(
    formatTable([
      ['ab', 'x'],
      ['日本', 'y'],
      ['e\u0301', 'z'],
    ]),
    ['ab     x', '日本   y', 'e\u0301      z'],
  );
});

test('text from elsewhere cannot steer the terminal', () => {
  assert.equal(printable('a\u001b[31mred\r\nb\u0007'), 'a [31mred b ');
});

test('a clipped text is never wider than it may be', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 30 }), (text, width) => {
      assert.ok(displayWidth(clip(text, width)) <= Math.max(width, 0));
    }),
  );
});

test('colour only on a terminal, and not with NO_COLOR', () => {
  assert.equal(paintFor(new Screen(true), {})('green', 'x'), '\u001b[32mx\u001b[39m');
  assert.equal(paintFor(new Screen(true), { NO_COLOR: '1' })('green', 'x'), 'x');
  assert.equal(paintFor(new Screen(false), {})('green', 'x'), 'x');
});
