import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import type { Terminal } from '../../cli/command.ts';
import { commands } from '../../cli/commands/index.ts';
import { main } from '../../cli/main.ts';

async function run(...args: string[]) {
  let stdout = '';
  let stderr = '';
  const terminal: Terminal = {
    cwd: process.cwd(),
    env: {},
    stdin: Readable.from([]),
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    signal: new AbortController().signal,
  };
  return { exitCode: await main(args, terminal), stdout, stderr };
}

test('--help lists every command with what it does', async () => {
  const { exitCode, stdout } = await run('--help');
  assert.equal(exitCode, 0);
  for (const { name, summary } of commands)
    assert.ok(stdout.includes(name) && stdout.includes(summary), name);
});

describe('each command has a help with a usage and examples', () => {
  for (const { name } of commands)
    test(name, async () => {
      const { exitCode, stdout, stderr } = await run(name, '--help');
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, new RegExp(`^Usage: niximage ${name}\\b`));
      assert.ok(stdout.includes(`niximage ${name}`), 'an example, or another whole line');
    });
});

describe('a command line that cannot be understood: exit code 2 and one sentence', () => {
  const rows: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
    { args: ['bild'], says: /^niximage has no command bild: did you mean niximage build\?$/ },
    { args: ['frobnicate'], says: /^niximage has no command frobnicate: niximage --help lists them$/ },
    { args: ['--hlep'], says: /^niximage has no option --hlep/ },
    { args: ['up', '--prot', '5', 'x'], says: /^niximage up has no option --prot: did you mean --port\?$/ },
    {
      args: ['up', '--port', 'many', 'x'],
      says: /^--port must be a whole number from 1 to 65535, not "many"$/,
    },
    { args: ['up'], says: /^something is missing; usage: niximage up FILE\.\.\.$/ },
    { args: ['render', 'a', 'b'], says: /^"b" is one word too many; usage: niximage render FILE$/ },
    { args: ['validate', '--colour'], says: /^niximage validate has no option --colour/ },
    { args: ['registry', 'serf'], says: /serf/ },
  ];
  for (const { args, says } of rows)
    test(args.join(' '), async () => {
      const { exitCode, stdout, stderr } = await run(...args);
      assert.match(stderr.trimEnd(), says);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
    });
});

test('no words at all print the help, and are wrong', async () => {
  const { exitCode, stdout } = await run();
  assert.equal(exitCode, 2);
  assert.match(stdout, /^niximage - /);
});
