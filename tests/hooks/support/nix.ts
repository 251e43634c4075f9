import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { execa } from 'execa';
import { nixConfig } from '../../support/nixConfig.ts';
import { temporaryFolder } from '../../support/tmp.ts';

/**
 * The value of a Nix expression, by real Nix. `values` can be had in it as `values`: they go by a JSON file, so that no
 * escaping of ours stands between a text and Nix.
 */
export async function evaluate(t: TestContext, expression: string, values: unknown): Promise<unknown> {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'values.json'), JSON.stringify(values));
  // A function, for a `let` would bind a name that an attribute may have.
  await writeFile(join(folder, 'expression.nix'), expression);
  const whole = 'import ./expression.nix (builtins.fromJSON (builtins.readFile ./values.json))';
  await writeFile(join(folder, 'default.nix'), whole);
  const { stdout } = await execa('nix-instantiate', ['--eval', '--strict', '--json', './default.nix'], {
    cwd: folder,
    env: { NIX_PATH: '', NIX_CONFIG: nixConfig },
    maxBuffer: 1 << 28,
  });
  return parseJson(stdout);
}

/**
 * `JSON.parse`, right for every key. That of V8 13.6 (Node.js 24) may take an escaped key for the key that it expects
 * there, where its text begins with that one: after `JSON.parse('{"a":"x","\\\\":"y"}')`, what it makes of
 * `{"a":"x","\\n":"y"}` has the keys `a` and `\`. So it gets to see no escape.
 */
export function parseJson(text: string): unknown {
  let code = 0xe000;
  while (text.includes(String.fromCharCode(code))) code += 1;
  const mark = String.fromCharCode(code);
  const marked = new RegExp(`${mark}(u.{4}|.)`, 'g');
  const plain = (part: string): string =>
    part.replaceAll(marked, (_, escape: string) => unescaped.get(escape) ?? JSON.parse(`"\\${escape}"`));
  const restore = (value: unknown): unknown => {
    if (typeof value === 'string') return plain(value);
    if (Array.isArray(value)) return value.map(restore);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [plain(key), restore(each)]));
  };
  const hidden = text.replaceAll(/\\(.)/g, (_, escape: string) => mark + (letters.get(escape) ?? escape));
  return restore(JSON.parse(hidden));
}

/** What may not stand in JSON's strings goes by letters that are no escapes of JSON's. */
const letters = new Map([
  ['"', 'q'],
  ['\\', 's'],
]);
const unescaped = new Map([...letters].map(([character, letter]) => [letter, character]));
