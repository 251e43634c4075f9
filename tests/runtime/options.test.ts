import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  choice,
  duration,
  flag,
  helpText,
  letter,
  number,
  OptionError,
  optional,
  path,
  port,
  readOptions,
  repeated,
  text,
  url,
  wantsHelp,
  withDefault,
} from '../../runtime/options.ts';

const definition = {
  host: withDefault(text('HOST', 'The address to listen on.'), '127.0.0.1'),
  port: withDefault(port('The port to listen on.'), 5001),
  builds: withDefault(number('N', 'Builds at once.', { minimum: 1, maximum: 64 }), 2),
  timeout: withDefault(duration('How long a build may take.'), 600_000, '10m'),
  output: letter(withDefault(choice(['json', 'yaml', 'wide'], 'The format.'), 'wide'), 'o'),
  store: optional(path('FOLDER', 'The store.')),
  'keeper-url': optional(url('The keeper.')),
  once: flag('Exit when all is built.'),
  label: repeated(text('NAME=VALUE', 'A label.')),
};

const read = (words: string[], environment: Record<string, string> = {}) =>
  readOptions(definition, { words, environment });

describe('readOptions', () => {
  test('gives the defaults where nothing is said', () => {
    assert.deepEqual(read([]), {
      values: {
        host: '127.0.0.1',
        port: 5001,
        builds: 2,
        timeout: 600_000,
        output: 'wide',
        store: undefined,
        'keeper-url': undefined,
        once: false,
        label: [],
      },
      rest: [],
    });
  });

  const readings: { reason: string; words: string[]; environment?: Record<string, string>; gives: object }[] =
    [
      { reason: 'a value after an equals sign', words: ['--port=80'], gives: { port: 80 } },
      { reason: 'a value as the next word', words: ['--port', '80'], gives: { port: 80 } },
      { reason: 'a short letter', words: ['-o', 'json'], gives: { output: 'json' } },
      { reason: 'a short letter and its value in one word', words: ['-ojson'], gives: { output: 'json' } },
      { reason: 'a flag', words: ['--once'], gives: { once: true } },
      { reason: 'minutes', words: ['--timeout=3m'], gives: { timeout: 180_000 } },
      { reason: 'milliseconds', words: ['--timeout=250ms'], gives: { timeout: 250 } },
      { reason: 'a path from here', words: ['--store=x'], gives: { store: resolve('x') } },
      {
        reason: 'a URL without its last slash',
        words: ['--keeper-url=http://k:1/'],
        gives: { 'keeper-url': 'http://k:1' },
      },
      {
        reason: 'a repeated option',
        words: ['--label=a=1', '--label', 'b=2'],
        gives: { label: ['a=1', 'b=2'] },
      },
      { reason: 'the environment', words: [], environment: { NIXIMAGE_PORT: '81' }, gives: { port: 81 } },
      {
        reason: 'dashes in the environment',
        words: [],
        environment: { NIXIMAGE_KEEPER_URL: 'http://k' },
        gives: { 'keeper-url': 'http://k' },
      },
      {
        reason: 'a flag in the environment',
        words: [],
        environment: { NIXIMAGE_ONCE: 'true' },
        gives: { once: true },
      },
      {
        reason: 'an empty variable counts as absent',
        words: [],
        environment: { NIXIMAGE_PORT: '' },
        gives: { port: 5001 },
      },
      {
        reason: 'the command line before the environment',
        words: ['--port=1'],
        environment: { NIXIMAGE_PORT: 'x' },
        gives: { port: 1 },
      },
    ];
  for (const { reason, words, environment, gives } of readings)
    test(`reads ${reason}`, () => {
      const { values } = read(words, environment);
      for (const [name, value] of Object.entries(gives))
        assert.deepEqual(values[name as keyof typeof values], value);
    });

  test('keeps the words that are no options, in order', () => {
    assert.deepEqual(read(['a.yaml', '--once', 'b.yaml', '--', '--port']).rest, [
      'a.yaml',
      'b.yaml',
      '--port',
    ]);
  });

  const refusals: { reason: string; words: string[]; environment?: Record<string, string>; says: string }[] =
    [
      {
        reason: 'an unknown option',
        words: ['--prot=1'],
        says: '--prot is no option here; --help lists them',
      },
      { reason: 'an unknown letter', words: ['-x'], says: '-x is no option here; --help lists them' },
      {
        reason: 'a port that is no number',
        words: ['--port=http'],
        says: '--port must be a whole number from 0 to 65535, not "http"',
      },
      {
        reason: 'a port out of range',
        words: ['--port=65536'],
        says: '--port must be a whole number from 0 to 65535, not "65536"',
      },
      {
        reason: 'a number below its bound',
        words: ['--builds=0'],
        says: '--builds must be a whole number from 1 to 64, not "0"',
      },
      {
        reason: 'a number that is not whole',
        words: ['--builds=1.5'],
        says: '--builds must be a whole number from 1 to 64, not "1.5"',
      },
      {
        reason: 'a time without a unit',
        words: ['--timeout=30'],
        says: '--timeout must be a time such as 500ms, 30s, 10m or 1h, not "30"',
      },
      {
        reason: 'a word that is no choice',
        words: ['-o', 'xml'],
        says: '--output must be one of json, yaml, wide, not "xml"',
      },
      { reason: 'an option without its value', words: ['--port'], says: '--port needs a value: --port=PORT' },
      {
        reason: 'an option whose value is another option',
        words: ['--port', '--once'],
        says: '--port needs a value: --port=PORT',
      },
      { reason: 'an empty path', words: ['--store='], says: '--store must be a path, not ""' },
      {
        reason: 'a URL of another scheme',
        words: ['--keeper-url=ftp://x'],
        says: '--keeper-url must be a URL such as http://127.0.0.1:5001, not "ftp://x"',
      },
      {
        reason: 'credentials in a URL',
        words: ['--keeper-url=http://a:b@x'],
        says: '--keeper-url must be a URL such as http://127.0.0.1:5001, not "http://a:b@x"',
      },
      {
        reason: 'a flag with a strange value',
        words: ['--once=maybe'],
        says: '--once must be true or false, not "maybe"',
      },
      {
        reason: 'one option twice',
        words: ['--port=1', '--port=2'],
        says: '--port is given twice; give it once',
      },
      {
        reason: 'a bad variable, by its own name',
        words: [],
        environment: { NIXIMAGE_PORT: '-1' },
        says: 'NIXIMAGE_PORT must be a whole number from 0 to 65535, not "-1"',
      },
    ];
  for (const { reason, words, environment, says } of refusals)
    test(`refuses ${reason}`, () => {
      assert.throws(
        () => read(words, environment),
        (error: unknown) => error instanceof OptionError && (assert.equal(error.message, says), true),
      );
    });

  test('says which required option is missing, and what may stand in for it', () => {
    assert.throws(() => readOptions({ 'keeper-url': url('The keeper.') }, { words: [], environment: {} }), {
      message: '--keeper-url is missing; give it, or set NIXIMAGE_KEEPER_URL',
    });
  });

  test('whatever the words, it answers or throws an OptionError', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '--port',
        '--once',
        '-o',
        '--',
        '-',
        '--label=',
        '--no-once',
        '__proto__',
        '--__proto__=1',
        '--constructor',
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        try {
          read(words);
        } catch (error) {
          assert.ok(error instanceof OptionError, String(error));
        }
      }),
    );
  });

  test('every port that can be had is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), (value) => {
        assert.equal(read([`--port=${value}`]).values.port, value);
      }),
    );
  });
});

describe('help', () => {
  const rows: { words: string[]; wants: boolean }[] = [
    { words: ['a', '--help'], wants: true },
    { words: ['-h'], wants: true },
    { words: ['--', '--help'], wants: false },
    { words: ['--helper'], wants: false },
  ];
  for (const { words, wants } of rows)
    test(`${words.join(' ')} ${wants ? 'asks' : 'does not ask'} for help`, () =>
      assert.equal(wantsHelp(words), wants));

  test('the text names the use, each option with its default, and examples', () => {
    const { port: portOption, output, once, label } = definition;
    const told = helpText({
      usage: 'niximage up FILE...',
      summary: 'Builds and serves images.',
      options: { port: portOption, output, once, label, token: text('TOKEN', 'The token.') },
      examples: ['niximage up examples/curl-and-jq.yaml'],
    });
    assert.equal(
      told,
      `Usage: niximage up FILE... [options]

Builds and serves images.

Options:
      --port=PORT              The port to listen on. (default 5001)
  -o, --output=json|yaml|wide  The format. (default wide)
      --once                   Exit when all is built.
      --label=NAME=VALUE       A label. May be given more than once.
      --token=TOKEN            The token. (required)
  -h, --help                   Print this text.

An option that is absent is read from the environment: --port from NIXIMAGE_PORT.

Examples:
  niximage up examples/curl-and-jq.yaml
`,
    );
  });
});
