import { createHash, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { initialiseStore, openStore } from '../../oci/store/store.ts';
import { buildOrderArguments } from '../../runtime/contract/buildOrder.ts';
import type { Command } from './timed.ts';

const program = fileURLToPath(new URL('../../cli/niximage.mjs', import.meta.url));

/** A namespace's tree, and how many images were built into it. */
export interface Store {
  readonly tree: string;
  readonly env: Readonly<Record<string, string>>;
  builds: number;
}

export async function makeStore(root: string, env: Readonly<Record<string, string>>): Promise<Store> {
  await mkdir(root, { recursive: true });
  await initialiseStore(root);
  const store = await openStore(root);
  await store.createNamespace('bench', 'bench');
  return { tree: store.treePath('bench'), env, builds: 0 };
}

/** The command that the builder's Pod runs for an expression. */
export async function builderCommand(store: Store, expression: string, folder: string): Promise<Command> {
  const file = join(folder, `${randomUUID()}.nix`);
  await writeFile(file, expression);
  store.builds += 1;
  const words = buildOrderArguments({
    namespace: 'bench',
    name: 'bench',
    tag: 'v1',
    uid: 'bench',
    created: '2026-01-02T03:04:05Z',
    ordinal: store.builds,
    inputHash: 'a'.repeat(64),
    pod: `bench-${store.builds}`,
    packageSet: 'demo',
    expression: file,
    expressionDigest: `sha256:${createHash('sha256').update(expression).digest('hex')}`,
    store: store.tree,
    terminationLog: join(folder, 'termination-log'),
  });
  return { program: process.execPath, words: [program, 'builder', ...words], env: store.env };
}
