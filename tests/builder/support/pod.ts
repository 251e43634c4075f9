import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runBuilder } from '../../../builder/main.ts';
import { type BuildOrder, buildOrderArguments } from '../../../runtime/contract/buildOrder.ts';
import type { BuildReport } from '../../../runtime/contract/report.ts';
import { digestOf, makeTree, publication } from './image.ts';
import { expressionOf, nixBench } from './nix.ts';

const program = fileURLToPath(new URL('./runBuilder.ts', import.meta.url));
/** Where cli/niximage.mjs keeps compiled sources. */
const compileCache = fileURLToPath(new URL('../../../.cache/compile', import.meta.url));

/** What a builder's Pod has: an order, an expression, a store, and a place for its report. */
export interface PodBench {
  readonly folder: string;
  readonly store: string;
  readonly gate: string;
  readonly environment: { readonly [name: string]: string | undefined };
  /** The words of the n-th attempt to build the image; `changes` are laid over the order. */
  words(ordinal?: number, changes?: Partial<BuildOrder>): string[];
  report(): Promise<BuildReport>;
  /** Runs the builder in this process, to its end. Its log is not kept. */
  run(words: readonly string[]): Promise<number>;
  /** Starts the builder as a process of its own. */
  start(words?: readonly string[]): ChildProcess;
}

export async function podBench(t: TestContext, contents: string): Promise<PodBench> {
  const bench = await nixBench(t);
  const store = join(bench.folder, 'team-a');
  const expression = join(bench.folder, 'expression.nix');
  const terminationLog = join(bench.folder, 'termination-log');
  await makeTree(store);
  await writeFile(expression, expressionOf(contents));
  const words: PodBench['words'] = (ordinal = 1, changes = {}) =>
    buildOrderArguments({
      namespace: 'team-a',
      name: 'curl-and-jq',
      tag: 'v1',
      ...publication,
      ordinal,
      pod: `curl-and-jq-0123456789-${ordinal}`,
      packageSet: 'nixpkgs',
      expression,
      expressionDigest: digestOf(Buffer.from(expressionOf(contents))),
      store,
      terminationLog,
      ...changes,
    });
  const environment = { ...bench.environment, NIXIMAGE_MIN_FREE: '1Mi', NODE_COMPILE_CACHE: compileCache };
  const silent = { write: () => true, once: () => undefined };
  return {
    folder: bench.folder,
    store,
    gate: bench.gate,
    environment,
    words,
    report: async () => JSON.parse(await readFile(terminationLog, 'utf8')),
    run: (ordered) => runBuilder(ordered, environment, t.signal, silent),
    start: (ordered = words()) => {
      const child = spawn(process.execPath, [program, ...ordered], {
        env: environment,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      t.after(() => child.kill('SIGKILL'));
      return child;
    },
  };
}
