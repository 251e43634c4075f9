import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { problemsText, validateNixImage } from '../../hooks/resource/validate.ts';
import { curlWith, manifest } from './support/manifest.ts';

const named = (metadata: Readonly<Record<string, unknown>>) => manifest({ contents: ['curl'] }, metadata);
const holding = (...contents: readonly unknown[]) => manifest({ contents });
const config = (value: unknown) => curlWith({ config: value });
const withoutData = { apiVersion: 'k8s.nixos.org/v1', kind: 'NixImage', metadata: { name: 'a' } };

const aTag =
  'a tag has 1 to 128 letters, digits, dots, dashes and underscores, and begins with none of . and -';
const anEntry =
  'an entry is an attribute path of nixpkgs, such as curl, python3Packages.requests or curl.dev, or of a flake: github:owner/repo#pkg';
const aName =
  'which no image can be called; it has lower-case letters, digits, dashes and dots, and begins and ends with a letter or digit';

describe('a NixImage that keeps every rule', () => {
  const rows: { reason: string; object: unknown }[] = [
    { reason: "design.md's own", object: manifest() },
    { reason: '5,000 contents', object: holding(...Array.from({ length: 5000 }, () => 'curl')) },
    {
      reason: 'every form of an attribute path',
      object: holding(
        'python3Packages.requests',
        'curl.dev',
        '"my.pkg"',
        '7zz',
        "a'",
        '"${x}"',
        '"😀"',
        'g++',
      ),
    },
    {
      reason: 'packages of flakes',
      object: holding('github:owner/repo#a.dev', 'git+file:///srv/a?dir=b', 'nixpkgs:x', 'path:/a#"b c"'),
    },
    { reason: 'a tag of 128 characters', object: curlWith({ tag: 'a'.repeat(128) }) },
    { reason: 'a tag that looks like a number, quoted', object: curlWith({ tag: '1.28' }) },
    { reason: 'a name with dots and dashes', object: named({ name: 'a.b--c.7' }) },
    { reason: 'a name of 190 characters', object: named({ name: 'a'.repeat(190) }) },
    { reason: 'a user by number', object: config({ user: 1000 }) },
    { reason: 'a user and group by name', object: config({ user: 'web:www' }) },
    { reason: 'ports as numbers and texts', object: config({ exposedPorts: [8080, '53/udp', '65535'] }) },
    { reason: 'an empty command, which is none', object: config({ cmd: [] }) },
    {
      reason: 'texts that mean something to Nix, to shells and to people',
      object: config({ cmd: ['${x}', "''", '"', '\n', '$(touch F)', '😀'], labels: { '${a}': "''${b}" } }),
    },
    { reason: 'fewest layers', object: curlWith({ maxLayers: 2 }) },
    { reason: 'most layers', object: curlWith({ maxLayers: 127 }) },
    { reason: 'a user in one line', object: curlWith({ user: { name: 'web' } }) },
    { reason: 'times', object: curlWith({ created: 'now', mtime: '2026-01-31T12:00:00Z' }) },
    { reason: 'an image below, by attribute', object: curlWith({ fromImage: { attribute: 'images.base' } }) },
    { reason: 'a hidden file', object: curlWith({ files: [{ path: '/home/a/.config/b', text: '' }] }) },
    { reason: 'the largest user', object: curlWith({ uid: 4_294_967_294 }) },
    { reason: 'a status of whatever form, for that is our own', object: { ...manifest(), status: 'x' } },
    { reason: 'null, which the API server takes for absent', object: curlWith({ tag: null, config: null }) },
  ];
  for (const { reason, object } of rows)
    test(reason, () => {
      const validated = validateNixImage(object);
      assert.ok(validated.ok, validated.ok ? '' : problemsText(validated.problems));
    });
});

describe('a NixImage that breaks a rule is told which, where, and what to do', () => {
  const rows: { reason: string; object: unknown; says: string }[] = [
    { reason: 'no object', object: 'curl', says: 'a NixImage is an object' },
    {
      reason: 'no data',
      object: withoutData,
      says: 'data is missing; it holds tag and contents: `data: {contents: [curl]}`',
    },
    {
      reason: 'spec instead of data',
      object: { ...withoutData, spec: { contents: ['curl'] } },
      says: 'spec is no field of a NixImage; what is in it belongs under data; and 1 more: data is missing; it holds tag and contents: `data: {contents: [curl]}`',
    },
    {
      reason: 'spec beside data',
      object: { ...manifest(), spec: {} },
      says: 'spec is no field of a NixImage; what is in it belongs under data',
    },
    {
      reason: 'another kind',
      object: { ...manifest(), kind: 'Pod' },
      says: 'kind must be NixImage, not "Pod"',
    },
    {
      reason: 'another version',
      object: { ...manifest(), apiVersion: 'v1' },
      says: 'apiVersion must be k8s.nixos.org/v1, not "v1"',
    },
    { reason: 'data as a list', object: manifest([]), says: 'data must be an object, not []' },

    {
      reason: 'contents empty',
      object: holding(),
      says: 'data.contents is empty; name one package at least: contents: [curl]',
    },
    {
      reason: 'contents missing',
      object: manifest({ tag: 'v1' }),
      says: 'data.contents is missing; name one package at least: contents: [curl]',
    },
    {
      reason: 'contents as a text',
      object: manifest({ contents: 'curl' }),
      says: 'data.contents is the text "curl"; it must be a list: contents: [curl]',
    },
    {
      reason: '5,001 contents',
      object: holding(...Array.from({ length: 5001 }, () => 'curl')),
      says: 'data.contents has 5001 entries; at most 5000 are possible',
    },
    {
      reason: 'a number among the contents',
      object: holding('curl', 7),
      says: 'data.contents[1] is the number 7 here; quote it: "7"',
    },
    {
      reason: 'a truth value among the contents (`on` in YAML 1.1)',
      object: holding(true),
      says: 'data.contents[0] is the truth value true here; quote it: "true"',
    },
    {
      reason: 'null among the contents',
      object: holding('curl', null),
      says: 'data.contents[1] must be a text, not null',
    },
    {
      reason: 'an object among the contents',
      object: holding({ a: 1 }),
      says: 'data.contents[0] must be a text, not {"a":1}',
    },
    {
      reason: 'an empty entry',
      object: holding(''),
      says: `data.contents[0] is empty; ${anEntry}`,
    },
    {
      reason: 'an entry of 513 characters',
      object: holding('a'.repeat(513)),
      says: 'data.contents[0] is 513 characters long; at most 512 are possible',
    },
    {
      reason: 'an interpolation as an entry',
      object: holding('${x}'),
      says: `data.contents[0] is "\${x}", which cannot be; ${anEntry}`,
    },
    {
      reason: 'Nix code as an entry',
      object: holding('curl ]; x = [ jq'),
      says: `data.contents[0] is "curl ]; x = [ jq", which cannot be; ${anEntry}`,
    },
    {
      reason: 'NUL in an entry',
      object: holding('"a\0"'),
      says: `data.contents[0] is "\\"a\\u0000\\"", which cannot be; ${anEntry}`,
    },
    {
      reason: 'a newline behind an entry',
      object: holding('curl\n'),
      says: `data.contents[0] is "curl\\n", which cannot be; ${anEntry}`,
    },
    {
      reason: 'half a character in an entry',
      object: holding('"\ud800"'),
      says: 'data.contents[0] holds half of a UTF-16 pair, which is no text; write it without',
    },

    {
      reason: 'a tag that YAML reads as a number',
      object: curlWith({ tag: 1.28 }),
      says: 'data.tag is the number 1.28 here; quote it: tag: "1.28"',
    },
    {
      reason: 'a tag that YAML reads as a truth value',
      object: curlWith({ tag: true }),
      says: 'data.tag is the truth value true here; quote it: tag: "true"',
    },
    { reason: 'an empty tag', object: curlWith({ tag: '' }), says: `data.tag is empty; ${aTag}` },
    {
      reason: 'a tag that nixpkgs would run as a shell script',
      object: curlWith({ tag: 'x"; touch F; : "' }),
      says: `data.tag is "x\\"; touch F; : \\"", which cannot be; ${aTag}`,
    },
    {
      reason: 'a tag with a newline behind it',
      object: curlWith({ tag: 'v1\n' }),
      says: `data.tag is "v1\\n", which cannot be; ${aTag}`,
    },
    {
      reason: 'a tag of 129 characters',
      object: curlWith({ tag: 'a'.repeat(129) }),
      says: 'data.tag is 129 characters long; at most 128 are possible',
    },
    {
      reason: 'a tag of one picture',
      object: curlWith({ tag: '😀' }),
      says: `data.tag is "😀", which cannot be; ${aTag}`,
    },

    {
      reason: 'a field misspelt',
      object: curlWith({ tags: 'v1' }),
      says: 'data.tags is no field here; did you mean tag?',
    },
    {
      reason: 'a field that is like no other',
      object: curlWith({ frobnicate: 1 }),
      says: 'data.frobnicate is no field here; docs/reference.md lists all fields',
    },
    {
      reason: "a field in Docker's letters",
      object: config({ Cmd: ['x'] }),
      says: 'data.config.Cmd is no field here; did you mean cmd?',
    },
    {
      reason: 'a field of an entry misspelt',
      object: config({ env: [{ name: 'A', value: 'x', valu: 'x' }] }),
      says: 'data.config.env[0].valu is no field here; did you mean value?',
    },
    {
      reason: 'a field that JavaScript knows',
      object: JSON.parse(JSON.stringify(manifest()).replace('"tag"', '"__proto__":{},"tag"')),
      says: 'data.__proto__ is no field here; docs/reference.md lists all fields',
    },

    {
      reason: 'an entrypoint of no words',
      object: config({ entrypoint: [] }),
      says: 'data.config.entrypoint must name a program; leave it out to have none',
    },
    {
      reason: 'a variable without a value',
      object: config({ env: [{ name: 'A' }] }),
      says: 'data.config.env[0].value is missing',
    },
    {
      reason: 'a variable that is a number',
      object: config({ env: [{ name: 'A', value: 1 }] }),
      says: 'data.config.env[0].value is the number 1 here; quote it: value: "1"',
    },
    {
      reason: 'a variable whose name holds =',
      object: config({ env: [{ name: 'A=B', value: '' }] }),
      says: `data.config.env[0].name is "A=B", which cannot be; a variable's name holds no = and no NUL`,
    },
    {
      reason: 'NUL in a variable',
      object: config({ env: [{ name: 'A', value: 'a\0b' }] }),
      says: 'data.config.env[0].value is "a\\u0000b", which cannot be; NUL characters are not possible',
    },
    {
      reason: 'a variable twice',
      object: config({
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      }),
      says: 'data.config.env[1] is "A" once more; name it once',
    },
    {
      reason: 'a user below 0',
      object: config({ user: -1 }),
      says: 'data.config.user is -1; it must be >= 0',
    },
    {
      reason: 'a user that is no whole number',
      object: config({ user: 1.5 }),
      says: 'data.config.user must be a whole number or a text, not 1.5',
    },
    {
      reason: 'a user that is neither number nor text',
      object: config({ user: true }),
      says: 'data.config.user must be a whole number or a text, not true',
    },
    {
      reason: 'a user with a space',
      object: config({ user: 'a b' }),
      says: 'data.config.user is "a b", which cannot be; a user is a name or a number, with :group where needed',
    },
    {
      reason: 'a port out of range, as a number',
      object: config({ exposedPorts: [65_536] }),
      says: 'data.config.exposedPorts[0] is 65536; it must be <= 65535',
    },
    {
      reason: 'a port out of range, as a text',
      object: config({ exposedPorts: ['65536/tcp'] }),
      says: 'data.config.exposedPorts[0] is "65536/tcp", which cannot be; a port is 8080, 8080/tcp or 53/udp',
    },
    {
      reason: 'a port twice',
      object: config({ exposedPorts: [80, '80/udp', 80] }),
      says: 'data.config.exposedPorts[2] is 80 once more; name it once',
    },
    {
      reason: 'a folder twice',
      object: config({ volumes: ['/a', '/a'] }),
      says: 'data.config.volumes[1] is "/a" once more; name it once',
    },
    {
      reason: 'a folder that is not absolute',
      object: config({ volumes: ['data'] }),
      says: 'data.config.volumes[0] is "data", which cannot be; a volume is an absolute path',
    },
    {
      reason: 'a working folder that is not absolute',
      object: config({ workingDir: 'tmp' }),
      says: 'data.config.workingDir is "tmp", which cannot be; it is an absolute path',
    },
    {
      reason: 'a signal without its first letters',
      object: config({ stopSignal: 'KILL' }),
      says: 'data.config.stopSignal is "KILL", which cannot be; a signal is SIGTERM or 15',
    },
    {
      reason: 'NUL in the name of a label, which the schema cannot see',
      object: config({ labels: { 'a\0': 'x' } }),
      says: 'data.config.labels holds a NUL character, which is no text; write it without',
    },
    {
      reason: 'half a character in the name of a label',
      object: config({ labels: { '\ud83d': 'x' } }),
      says: 'data.config.labels holds half of a UTF-16 pair, which is no text; write it without',
    },
    {
      reason: 'half a character in a label',
      object: config({ labels: { a: '\udc00' } }),
      says: 'data.config.labels.a holds half of a UTF-16 pair, which is no text; write it without',
    },
    {
      reason: 'a label that would make all labels one text in Nix',
      object: config({ labels: { a: 'b', outPath: 'c' } }),
      says: 'data.config.labels.outPath cannot be: Nix takes a set with this name in it for a text; name it otherwise',
    },
    {
      reason: '201 labels',
      object: config({
        labels: Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`l${index}`, ''])),
      }),
      says: 'data.config.labels has more than the 200 entries that are possible',
    },
    {
      reason: 'too few layers',
      object: curlWith({ maxLayers: 1 }),
      says: 'data.maxLayers is 1; it must be >= 2',
    },
    {
      reason: 'too many layers',
      object: curlWith({ maxLayers: 128 }),
      says: 'data.maxLayers is 128; it must be <= 127',
    },
    {
      reason: 'layers as a text',
      object: curlWith({ maxLayers: '100' }),
      says: 'data.maxLayers must be a whole number, not "100"',
    },
    {
      reason: 'a truth value as a text',
      object: curlWith({ defaults: 'no' }),
      says: 'data.defaults must be true or false, not "no"',
    },

    { reason: 'no name', object: named({}), says: 'metadata.name is missing; it is the name of the image' },
    {
      reason: 'a name that YAML reads as a number',
      object: named({ name: 7 }),
      says: 'metadata.name is 7 here, which is no text; quote it',
    },
    {
      reason: 'a name in upper case',
      object: named({ name: 'Curl' }),
      says: `metadata.name is "Curl", ${aName}`,
    },
    {
      reason: 'two dots in a name',
      object: named({ name: 'a..b' }),
      says: `metadata.name is "a..b", ${aName}`,
    },
    {
      reason: 'a name that would leave its folder',
      object: named({ name: '../b' }),
      says: `metadata.name is "../b", ${aName}`,
    },
    {
      reason: 'a name of 191 characters',
      object: named({ name: 'a'.repeat(191) }),
      says: "metadata.name has 191 characters; it can have 190, so that the image's name fits with its namespace",
    },
  ];
  for (const { reason, object, says } of rows)
    test(reason, () => {
      const validated = validateNixImage(object);
      assert.ok(!validated.ok);
      const text = problemsText(validated.problems);
      assert.equal(text, says);
    });
});

test('all problems are told at once, each with its path', () => {
  const validated = validateNixImage(curlWith({ tag: 1, config: { user: -1, volumes: ['/a', 'b'] } }));
  assert.ok(!validated.ok);
  assert.deepEqual(
    validated.problems.map(({ path }) => path),
    [
      ['data', 'tag'],
      ['data', 'config', 'user'],
      ['data', 'config', 'volumes', 1],
    ],
  );
  assert.equal(
    problemsText(validated.problems),
    'data.tag is the number 1 here; quote it: tag: "1"; and 2 more: data.config.user, data.config.volumes[1]',
  );
});

test('what is left out has its default, and the object stays as it was', () => {
  const object = Object.freeze({
    ...manifest(Object.freeze({ contents: Object.freeze(['curl']) }), { name: 'a' }),
  });
  assert.deepEqual(validateNixImage(object), {
    ok: true,
    image: { name: 'a', namespace: 'default', data: { contents: ['curl'], tag: 'latest', defaults: true } },
  });
});
