import fc from 'fast-check';
import type { ImageConfig, ImageData } from '../../../hooks/resource/niximage.ts';

/** Pieces that mean something to Nix, to shells, or to JSON. */
const charged = [
  '${',
  "''",
  '"',
  '\\',
  '$',
  '{',
  '}',
  '\n',
  '\r',
  '\t',
  '\u0001',
  '\u007f',
  '😀',
  'é',
  '#',
  ';',
];

/** A text that Nix can hold: no NUL, no halves of characters. */
export const text = fc
  .array(fc.oneof(fc.constantFrom(...charged), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 8 })
  .map((parts) => parts.join('').replaceAll('\0', ''))
  .filter((joined) => joined.isWellFormed());

/** Keywords of Nix, its builtins, its globals from 2.8 to 2.26, and names that this expression uses itself. */
export const takenNames = [
  ...['assert', 'else', 'if', 'in', 'inherit', 'let', 'or', 'rec', 'then', 'with'],
  ...['abort', 'baseNameOf', 'break', 'builtins', 'derivation', 'derivationStrict', 'dirOf', 'false'],
  ...[
    'fetchGit',
    'fetchMercurial',
    'fetchTarball',
    'fetchTree',
    'fromTOML',
    'import',
    'isNull',
    'map',
    'null',
  ],
  ...['placeholder', 'removeAttrs', 'scopedImport', 'throw', 'toString', 'true'],
  ...['__add', '__attrNames', '__currentSystem', '__currentTime', '__curPos', '__getFlake', '__nixPath'],
  ...['__nixVersion', '__storeDir', '__toString', '__functor', '__warn', '__langVersion'],
  ...['pkgs', 'lib', 'name', 'tag', 'contents', 'config', 'dockerTools', 'self', 'super', 'outPath', 'type'],
];

const bareLetters = "abcXYZ019_'+-".split('');
const bare = fc
  .array(fc.constantFrom(...bareLetters), { minLength: 1, maxLength: 6 })
  .map((letters) => letters.join(''))
  .filter((name) => /^[A-Za-z0-9_]/.test(name));
const quoted = text
  // The schema's own rule for what stands between quotes.
  .map((each) => each.replaceAll(/["\\\u0000-\u001f\u007f]/g, '').slice(0, 20))
  .filter((each) => each !== '' && each.isWellFormed());

/** One component of an attribute path: its name, and how the manifest writes it. */
const component = fc.oneof(
  fc.constantFrom(...takenNames).map((name) => ({ name, written: name })),
  fc.constantFrom(...takenNames).map((name) => ({ name, written: `"${name}"` })),
  bare.map((name) => ({ name, written: name })),
  quoted.map((name) => ({ name, written: `"${name}"` })),
);

/** An attribute path: the names it goes through, and how the manifest writes it. */
export const attributePath = fc
  .array(component, { minLength: 1, maxLength: 3 })
  .map((parts) => ({
    names: parts.map(({ name }) => name),
    written: parts.map(({ written }) => written).join('.'),
  }))
  .filter(({ written }) => Array.from(written).length <= 200);

const absolute = text.map((each) => `/${each}`);
const labelName = text.filter((name) => name !== 'outPath' && name !== '__toString');
const port = fc.integer({ min: 1, max: 65_535 });

const config: fc.Arbitrary<ImageConfig> = fc.record(
  {
    entrypoint: fc.array(text, { minLength: 1, maxLength: 3 }),
    cmd: fc.array(text, { maxLength: 3 }),
    env: fc.uniqueArray(
      fc.record({
        name: text.map((each) => each.replaceAll('=', '')).filter((each) => each !== ''),
        value: text,
      }),
      { maxLength: 3, selector: ({ name }) => name },
    ),
    workingDir: absolute,
    user: fc.oneof(fc.integer({ min: 0, max: 4_294_967_294 }), fc.constantFrom('web', 'web:www', '$u')),
    exposedPorts: fc.uniqueArray(
      fc.oneof(
        port,
        port.map((each) => `${each}/udp`),
        port.map(String),
      ),
      { maxLength: 3 },
    ),
    labels: fc.dictionary(labelName, text, { maxKeys: 3 }),
    stopSignal: fc.constantFrom('SIGTERM', '15', 'SIGRTMIN+3'),
    volumes: fc.uniqueArray(absolute, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

const time = fc.constantFrom('now', '2026-01-31T12:00:00Z');
const number = fc.integer({ min: 0, max: 4_294_967_294 });
const word = fc.constantFrom('root', 'web', '_x-1');
/** Scripts of lines, of which some can stand in an indented string as they are. */
const script = fc
  .array(fc.oneof(fc.constantFrom('mkdir x', '  indented', '', ' ', '\tx', "a 'b'", '$$x', '\\'), text), {
    maxLength: 4,
  })
  .map((lines) => lines.map((line) => `${line}\n`).join(''));

/** Arguments of buildLayeredImage that go through as they are. */
const passed = {
  maxLayers: fc.integer({ min: 2, max: 127 }),
  created: time,
  mtime: time,
  uid: number,
  gid: number,
  uname: word,
  gname: word,
  architecture: fc.constantFrom('amd64', 'riscv64'),
  compressor: fc.constantFrom('none' as const, 'gz' as const, 'zstd' as const),
  includeStorePaths: fc.boolean(),
  includeNixDB: fc.boolean(),
  enableFakechroot: fc.boolean(),
  extraCommands: script,
  fakeRootCommands: script,
};

/** The name and the data of a NixImage that keeps every rule, with the names that its contents go through. */
export const validImage = fc
  .record({
    name: fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?(\.[a-z0-9]{1,5})?$/),
    tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
    paths: fc.array(attributePath, { minLength: 1, maxLength: 4 }),
    rest: fc.record({ config, ...passed }, { requiredKeys: [] }),
    defaults: fc.boolean(),
  })
  .map(({ name, tag, paths, rest, defaults }) => {
    const data: ImageData = { tag, contents: paths.map(({ written }) => written), ...rest, defaults };
    return { name, data, paths: paths.map(({ names }) => names) };
  });
