import { join } from 'node:path';
import { SetUpError } from './setup/command.mjs';
import { pinnedNode } from './setup/npm.mjs';
import { runInForeground } from './setup/run.mjs';
import { root, setUp } from './setup.mjs';

// npm run up -- FILE...: set up, then niximage up.
try {
  await setUp({ nix: true, tests: false });
  const words = [join(root, 'cli/niximage.mjs'), 'up', ...process.argv.slice(2)];
  process.exitCode = await runInForeground(pinnedNode(root), words);
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
