import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildImage } from '../../../builder/build.ts';
import { NamespaceReader } from '../../../oci/store/reader.ts';
import type { BuildReport } from '../../../runtime/contract/report.ts';
import { makeTree, publication } from './image.ts';
import { expressionOf } from './nix.ts';

/**
 * A program that builds images onto small disks and prints what came of it. It is run in a mount namespace of its own, so
 * that the disks go with it and nobody else sees them.
 */
export interface SmallDisks {
  readonly folder: string;
  readonly environment: { readonly [name: string]: string };
  readonly contents: string;
  /** Options of mount(8) for each disk: `size=1m`. */
  readonly disks: readonly string[];
}

export interface Outcome {
  readonly disk: string;
  readonly report: BuildReport;
  /** What is left of unfinished files. */
  readonly temporary: readonly string[];
  /** Whether each publication has all its blobs. */
  readonly complete: readonly boolean[];
  /** What the next build says, with space enough, and then the same. */
  readonly next: BuildReport;
  readonly completeNext: readonly boolean[];
}

const run = promisify(execFile);
const order: SmallDisks = JSON.parse(process.argv[2] ?? '{}');
const outcomes: Outcome[] = [];
for (const disk of order.disks) outcomes.push(await buildOnto(disk));
process.stdout.write(JSON.stringify(outcomes));

async function buildOnto(disk: string): Promise<Outcome> {
  const store = join(order.folder, `disk-${disk}`);
  await mkdir(store);
  await run('mount', ['-t', 'tmpfs', '-o', disk, 'tmpfs', store]);
  try {
    await makeTree(store);
    const reader = new NamespaceReader(store);
    const complete = async (): Promise<boolean[]> => {
      const published = await reader.publications('curl-and-jq', 'v1');
      return await Promise.all(published.map((each) => reader.isComplete('curl-and-jq', each)));
    };
    const report = await build(store, 1);
    const before = { temporary: await readdir(join(store, 'tmp')), complete: await complete() };
    await run('mount', ['-o', 'remount,size=64m,nr_inodes=1000', store]);
    const next = await build(store, 2);
    return { disk, report, ...before, next, completeNext: await complete() };
  } finally {
    await run('umount', [store]);
  }
}

function build(store: string, ordinal: number): Promise<BuildReport> {
  return buildImage({
    expressionText: expressionOf(order.contents),
    namespace: 'team-a',
    name: 'curl-and-jq',
    tag: 'v1',
    publication: { ...publication, ordinal },
    pod: `curl-and-jq-0123456789-${ordinal}`,
    packageSet: 'nixpkgs',
    store,
    environment: order.environment,
    minimumFree: 0,
    sandbox: false,
    signal: new AbortController().signal,
  });
}
