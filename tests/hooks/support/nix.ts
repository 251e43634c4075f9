import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { execa } from 'execa';
import { nixConfig } from '../../support/nixConfig.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { parseJson } from './parseJson.ts';

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
