import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { initialiseStore, openStore } from '../../oci/store/store.ts';
import { type Row, ratioRow, row } from '../row.ts';
import { best, timed, type Usage } from './timed.ts';
import { type MadeTree, makeSparse, makeTree } from './trees.ts';

const writer = fileURLToPath(new URL('./writeLayers.ts', import.meta.url));

interface Written extends Usage {
  /** Most bytes that the process held. */
  readonly memory: number;
}

interface Measured {
  readonly tree: MadeTree;
  readonly ours: Usage;
  readonly floor: Usage;
}

/** The least that is to be done with a layer's bytes: read, hashed, compressed, hashed again. Nothing is written. */
const floorScript = [
  'set -o pipefail; cd "$1"; mkfifo pipe; sha256sum < pipe > sum &',
  'tar -cf - store | tee pipe | zstd -q -3 | sha256sum; wait; rm pipe sum',
].join('\n');

/** Writing layers into a store, against the floor; growth; and the memory that a layer of ten gigabytes takes. */
export async function benchLayers(
  folder: string,
  sources: readonly string[],
  { large, rounds }: { readonly large: number; readonly rounds: number },
): Promise<Row[]> {
  const measure = async (size: { readonly bytes: number; readonly files?: number }): Promise<Measured> => {
    const place = join(folder, `${size.bytes}-${size.files ?? 0}`);
    const tree = await makeTree(place, size, sources);
    // What is still to be written to the disk would be written while others are measured.
    await execa('sync');
    const ours: Usage[] = [];
    const floor: Usage[] = [];
    for (let round = 0; round < rounds; round += 1) {
      floor.push(await timed({ program: 'bash', words: ['-c', floorScript, 'bash', place] }, folder));
      ours.push(await writeLayers(folder, tree));
    }
    await rm(place, { recursive: true });
    return { tree, ours: best(ours), floor: best(floor) };
  };
  const small = await measure({ bytes: 1e8 });
  const great = await measure({ bytes: large });
  const few = await measure({ bytes: 2e7, files: 10_000 });
  const many = await measure({ bytes: 2e8, files: 100_000 });
  return [
    ...compared('100 MB', small),
    ...compared(amount(large), great),
    ...compared('100,000 files of 2 kB', many),
    // The first 100 MB carry the start of the process and its threads, so that more would even be less a byte.
    growth(`${amount(large)} to 100 MB, CPU a byte`, great, small, (tree) => tree.bytes),
    growth('100,000 to 10,000 files, CPU a file', many, few, (tree) => tree.files),
    await memoryOf(folder, 1e10),
  ];
}

function compared(name: string, { ours, floor }: Measured): Row[] {
  return [
    ratioRow(`layer of ${name}, against tar, sha256sum, zstd`, 's', ours.wall, floor.wall, 1.2),
    ratioRow(`layer of ${name}, against tar, sha256sum, zstd`, 'CPU s', ours.cpu, floor.cpu, 1.2),
  ];
}

function growth(name: string, more: Measured, less: Measured, count: (tree: MadeTree) => number): Row {
  const [ours, peer] = [more, less].map(({ ours: { cpu }, tree }) => (1e9 * cpu) / count(tree));
  return ratioRow(`growth, ${name}`, 'ns', ours ?? 0, peer ?? 0, 1.2);
}

async function memoryOf(folder: string, bytes: number): Promise<Row> {
  const place = join(folder, 'sparse');
  const tree = await makeSparse(place, bytes);
  const { memory } = await writeLayers(folder, tree);
  await rm(place, { recursive: true });
  return row(`most memory, one layer of ${amount(bytes)} (a hole)`, 'MB', memory / 1e6, { below: 256 });
}

/** The builder's own way, as one layer, into a fresh store: with its file synced, which the floor does not do. */
async function writeLayers(folder: string, { storeDir, paths }: MadeTree): Promise<Written> {
  const root = join(folder, 'store-of-layers');
  await mkdir(root);
  await initialiseStore(root);
  const store = await openStore(root);
  await store.createNamespace('bench', 'bench');
  const order = { store: store.treePath('bench'), storeDir, layers: [paths] };
  const { stdout } = await execa(process.execPath, [writer, JSON.stringify(order)]);
  await rm(root, { recursive: true });
  // What the program prints.
  return JSON.parse(stdout) as Written;
}

function amount(bytes: number): string {
  return bytes >= 1e9 ? `${bytes / 1e9} GB` : `${bytes / 1e6} MB`;
}
