import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder of one build's own: the expression, HOME, and the links that keep store paths from being collected. */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
  /** The expression's file. */
  readonly expression: string;
}

/** Makes it in `parent`; it goes with `await using`, and with it the links, so that Nix may collect again. */
export async function makeWorkFolder(parent: string, expressionText: string): Promise<WorkFolder> {
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, 'niximage-build-'));
  const expression = join(path, 'default.nix');
  await writeFile(expression, expressionText);
  return {
    path,
    expression,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
