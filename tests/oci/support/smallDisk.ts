import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { digestOf } from '../../../oci/digest.ts';
import { mediaTypes } from '../../../oci/mediaTypes.ts';
import { collect } from '../../../oci/store/collect.ts';
import { writeNews } from '../../../oci/store/push/news.ts';
import { PushTree } from '../../../oci/store/push/pushTree.ts';
import { initialiseStore, openStore } from '../../../oci/store/store.ts';
import { openTree } from '../../../oci/store/tree.ts';
import { messageOf } from '../../../runtime/errors.ts';
import { publish, writeImage } from './tree.ts';

/**
 * A program that does all that is written into a store on disks that are too small, and prints what came of it. It is run
 * in a mount namespace of its own, so that the disks go with it and nobody else sees them.
 * Arguments: a folder, and the options of mount(8) for each disk.
 */
export interface Outcome {
  readonly disk: string;
  /** Of the deeds that failed, what was said. */
  readonly failures: readonly string[];
  /** Names that should not be left: unfinished files, and a tree or a mark that is not whole. */
  readonly left: readonly string[];
  /** Tags that name an image that is not whole. */
  readonly broken: readonly string[];
  /** The same once there is space enough, all done again. */
  readonly afterwards: Omit<Outcome, 'disk' | 'afterwards'>;
}

const run = promisify(execFile);
const [folder = '', ...disks] = process.argv.slice(2);
const outcomes: Outcome[] = [];
for (const disk of disks) outcomes.push(await useDisk(disk));
process.stdout.write(JSON.stringify(outcomes));

async function useDisk(disk: string): Promise<Outcome> {
  const root = join(folder, disk);
  await mkdir(root);
  await run('mount', ['-t', 'tmpfs', '-o', disk, 'tmpfs', root]);
  try {
    const small = await useStore(root);
    await run('mount', ['-o', 'remount,size=64m,nr_inodes=1000', root]);
    return { disk, ...small, afterwards: await useStore(root) };
  } finally {
    await run('umount', [root]);
  }
}

async function useStore(root: string): Promise<Omit<Outcome, 'disk' | 'afterwards'>> {
  const failures: string[] = [];
  for (const deed of [begin, build, push, note]) {
    await deed(root).catch((error: unknown) => failures.push(`${deed.name}: ${messageOf(error)}`));
    // Without a store there is nothing to write into.
    if (deed === begin && failures.length > 0) break;
  }
  return { failures, left: await leftIn(root), broken: await brokenIn(root) };
}

async function begin(root: string): Promise<void> {
  await initialiseStore(root);
  await (await openStore(root)).createNamespace('team', 'namespace-uid');
}

async function build(root: string): Promise<void> {
  const tree = await openTree(join(root, 'team'), 'builder-1');
  try {
    await tree.writeProgress('{}');
    const image = await writeImage(tree, 'built', 'text '.repeat(40_000));
    await publish(tree, 'built', image);
  } finally {
    await tree.releaseLeases();
  }
}

async function push(root: string): Promise<void> {
  const tree = new PushTree(join(root, 'team'));
  const bytes = Buffer.from('pushed '.repeat(40_000));
  const upload = await tree.uploads.begin();
  try {
    await tree.uploads.append(upload, blocksOf(bytes));
    await tree.uploads.commit(upload, digestOf(bytes));
  } finally {
    await tree.uploads.cancel(upload);
  }
  const blob = { mediaType: mediaTypes.layer, digest: digestOf(bytes), size: bytes.length };
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, config: blob, layers: [blob] }));
  const [digest, mediaType] = [digestOf(manifest), mediaTypes.manifest];
  await tree.putManifest('pushed', digest, manifest);
  await tree.putTag('pushed', 'v1', { digest, mediaType, manifestSize: manifest.length, size: bytes.length });
}

async function* blocksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += 65_536) yield bytes.subarray(start, start + 65_536);
}

async function note(root: string): Promise<void> {
  await writeNews(join(root, 'team'), 'built', '{}');
  await collect(join(root, 'team'), { unused: 0, retired: 0, leftover: 3_600_000 });
}

async function leftIn(root: string): Promise<string[]> {
  const names = await readdir(root);
  const temporary = names.includes('team') ? await readdir(join(root, 'team/tmp')) : [];
  return [...names.filter((name) => name !== 'team' && name !== '_marker.json'), ...temporary];
}

async function brokenIn(root: string): Promise<string[]> {
  const store = await openStore(root).catch(() => undefined);
  const reader = await store?.namespace('team');
  const broken: string[] = [];
  for (const image of ['built', 'pushed'])
    for (const publication of (await reader?.publications(image, 'v1')) ?? [])
      if (!(await reader?.isComplete(image, publication))) broken.push(image);
  return broken;
}
