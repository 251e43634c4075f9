import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { renderAttributePath } from '../../hooks/expression/attributePath.ts';
import { escapeString, UnrepresentableText } from '../../hooks/expression/escape.ts';
import { json, layOut, multiline } from '../../hooks/expression/layout.ts';
import { renderExpression } from '../../hooks/expression/render.ts';
import type { ImageData } from '../../hooks/resource/niximage.ts';
import { validateNixImage } from '../../hooks/resource/validate.ts';
import { attributePath, takenNames, text, validImage } from './support/arbitraries.ts';
import { images } from './support/images.ts';
import { manifest } from './support/manifest.ts';
import { evaluate } from './support/nix.ts';
import { parseJson } from './support/parseJson.ts';

/** Holds what a path selects; no path of the schema's can have this name. */
const leaf = '\\leaf';

/** A package set in which each path, and each start of one, selects a set of its own that says which it is. */
function stubPackages(paths: readonly (readonly string[])[]): object {
  const root = new Map<string, unknown>();
  for (const path of paths) {
    let at = root;
    for (const [index, name] of path.entries()) {
      const below = at.get(name) ?? new Map([[leaf, JSON.stringify(path.slice(0, index + 1))]]);
      at.set(name, below);
      // Each is one that was made here.
      at = below as Map<string, unknown>;
    }
  }
  return plain(root);
}

function plain(map: ReadonlyMap<string, unknown>): object {
  return Object.fromEntries(
    [...map].map(([name, value]) => [name, value instanceof Map ? plain(value) : value]),
  );
}

/**
 * JSON of a value that Nix can hold and print: a set with one of these names is a text to `toJSON`, which writes six
 * digits of a number that is not whole.
 */
function isPrintable(written: string): boolean {
  return !/\\u0000|\\ud[89a-f]|"outPath"|"__toString"|\d\.\d|\de[+-]?\d|\d{17}/i.test(written);
}

describe('golden files', () => {
  for (const { file, reason, name, data, packageSet } of images)
    test(`${file}: ${reason}`, async () => {
      const golden = await readFile(new URL(`./golden/${file}.nix`, import.meta.url), 'utf8');
      assert.equal(renderExpression({ name, data }, { packageSet: packageSet ?? 'nixpkgs' }), golden);
    });

  test('with `defaults: false` the call is the one of the idea, to the letter', () => {
    const data: ImageData = { tag: 'v1', contents: ['curl', 'jq', 'bash'], defaults: false };
    assert.equal(
      renderExpression({ name: 'curl-and-jq', data }, { packageSet: 'nixpkgs' }).split('\n\n')[1],
      'pkgs.dockerTools.buildLayeredImage { name = "curl-and-jq"; tag = "v1"; contents = with pkgs; [ curl jq bash ]; }\n',
    );
  });
});

describe('against real Nix', () => {
  test('any text comes back as itself', async (t) => {
    const texts = [...fc.sample(text, 1000), '', '$', '$$', '$${', '${"', "''${", '\\${', '\\\\', '\r\n'];
    const list = texts.map((each) => `(${escapeString(each)})`).join('\n');
    assert.deepEqual(await evaluate(t, `_: [\n${list}\n]`, null), texts);
  });

  test("any value of JSON's comes back as itself", async (t) => {
    const values = fc.sample(
      fc
        .jsonValue({ stringUnit: 'grapheme', maxDepth: 3 })
        .filter((value) => isPrintable(JSON.stringify(value))),
      300,
    );
    const list = values.map((value) => `(${layOut(json(value))})`).join('\n');
    assert.deepEqual(await evaluate(t, `_: [\n${list}\n]`, null), parseJson(JSON.stringify(values)));
  });

  test('any lines come back as themselves, indented or not', async (t) => {
    const lines = fc.constantFrom('a', '  b', '', ' ', '\t', "''", "'", '$', '{', '${x}', '\\', '"');
    const texts = fc.sample(fc.array(fc.array(lines).map((parts) => parts.join(''))), 1000);
    const list = texts.map((each) => `(${layOut(multiline(`${each.join('\n')}\n`), 4)})`).join('\n');
    const found = await evaluate(t, `_: [\n${list}\n]`, null);
    assert.deepEqual(
      found,
      texts.map((each) => `${each.join('\n')}\n`),
    );
  });

  test('any attribute path selects its own attribute', async (t) => {
    const fixed = takenNames.map((name) => ({ names: [name], written: name }));
    const paths = [...fixed, ...fc.sample(attributePath, 500)];
    // One list with `with pkgs;`, as in the expression, with nothing else bound around it.
    const list = paths.map(({ written }) => renderAttributePath(written)).join('\n');
    const expression = `pkgs: builtins.map (each: each."\\\\leaf") (with pkgs; [\n${list}\n])`;
    const found = await evaluate(t, expression, stubPackages(paths.map(({ names }) => names)));
    assert.deepEqual(
      found,
      paths.map(({ names }) => JSON.stringify(names)),
    );
  });

  test('any image asks nixpkgs for what its manifest says, and nothing else', async (t) => {
    const asked = fc.sample(validImage, 500);
    for (const { name, data } of asked)
      assert.ok(validateNixImage(manifest(data, { name })).ok, `${name} is valid: ${JSON.stringify(data)}`);
    const calls = asked.map(
      (image, index) =>
        `(args (builtins.elemAt values ${index}) (${renderExpression(image, { packageSet: 'nixpkgs' })}))`,
    );
    const expression = `values: let
      tools = { buildLayeredImage = args: args // { contents = map (each: each."\\\\leaf") args.contents; }; };
      args = pkgs: function: function { pkgs = pkgs // { dockerTools = (pkgs.dockerTools or { }) // tools; }; };
    in [\n${calls.join('\n')}\n]`;
    const stubs = asked.map(({ paths, data }) =>
      stubPackages([...paths, ...(data.defaults ? addedByDefaults : [])]),
    );
    const found = await evaluate(t, expression, stubs);
    assert.ok(Array.isArray(found));
    for (const [index, image] of asked.entries()) assert.deepEqual(found[index], wanted(image));
  });
});

const addedByDefaults = ['caCertificates', 'fakeNss', 'usrBinEnv'].map((name) => ['dockerTools', name]);
const certificates = 'SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt';

/** The arguments that an image is to be made with, by the manifest alone. */
function wanted({ name, data, paths }: { name: string; data: ImageData; paths: string[][] }): unknown {
  const { entrypoint, cmd, env, workingDir, user, exposedPorts, labels, stopSignal, volumes } =
    data.config ?? {};
  const hasShell = paths.some(([first, second]) => first === 'bash' && second === undefined);
  const command = cmd ?? (data.defaults && entrypoint === undefined && hasShell ? ['/bin/bash'] : undefined);
  const variables = [
    ...(env ?? []).map((each) => `${each.name}=${each.value}`),
    ...(data.defaults && !env?.some((each) => each.name === 'SSL_CERT_FILE') ? [certificates] : []),
  ];
  const ports = (exposedPorts ?? []).map((port) => (/\//.test(String(port)) ? String(port) : `${port}/tcp`));
  const sets = (names: readonly string[] | undefined) =>
    names === undefined || names.length === 0
      ? undefined
      : Object.fromEntries(names.map((each) => [each, {}]));
  const config = withoutAbsent({
    Entrypoint: entrypoint,
    Cmd: command,
    Env: variables.length === 0 ? undefined : variables,
    WorkingDir: workingDir,
    User: user === undefined ? undefined : String(user),
    ExposedPorts: sets(ports),
    Labels: labels === undefined || Object.keys(labels).length === 0 ? undefined : { ...labels },
    StopSignal: stopSignal,
    Volumes: sets(volumes),
  });
  const { contents: _, config: __, defaults: ___, extraCommands, fakeRootCommands, ...passed } = data;
  return withoutAbsent({
    ...passed,
    name,
    contents: [...paths, ...(data.defaults ? addedByDefaults : [])].map((path) => JSON.stringify(path)),
    extraCommands:
      `${data.defaults ? 'mkdir -p tmp\nchmod 1777 tmp\n' : ''}${extraCommands ?? ''}` || undefined,
    fakeRootCommands: fakeRootCommands || undefined,
    config: Object.keys(config).length === 0 ? undefined : config,
  });
}

function withoutAbsent(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

describe('a text that Nix cannot hold is refused, never cut', () => {
  const rows = [
    { reason: 'NUL, at which Nix 2.8 cuts', value: 'a\0b' },
    { reason: 'the first half of a character', value: '\ud83d' },
    { reason: 'the second half of a character', value: 'a\ude00' },
  ];
  for (const { reason, value } of rows)
    test(reason, () => assert.throws(() => escapeString(value), UnrepresentableText));
});
