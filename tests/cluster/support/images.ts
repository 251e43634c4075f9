import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { projectFolder, trackedFiles } from '../../project/trackedFiles.ts';
import { isThere } from '../../support/isThere.ts';
import { importImage, packImages, startContainerd } from './containerd.ts';
import { metacontrollerProgram } from './metacontroller.ts';
import { startProcess } from './processes.ts';
import { stage } from './stage.ts';

const cache = fileURLToPath(new URL('../../../.cache/cluster/', import.meta.url));
const script = fileURLToPath(new URL('image.sh', import.meta.url));
const packing = fileURLToPath(new URL('containerd.ts', import.meta.url));

const names = {
  project: 'docker.io/library/niximage:0.1.0',
  sandbox: 'localhost/pause:1',
  /** As the component has it. */
  nginx: 'docker.io/library/nginx:stable',
  /** The stand-in runs in the project's own image. */
  metacontroller:
    metacontrollerProgram === undefined ? 'docker.io/library/niximage:0.1.0' : 'localhost/metacontroller:1',
} as const;

/** What a node has from the beginning. */
export interface Images {
  readonly names: Readonly<Record<keyof typeof names, string>>;
  /** All of them, unpacked (containerd.ts). */
  readonly file: string;
}

/** An image, and what tells whether it is the same as before. */
interface Recipe {
  readonly name: string;
  readonly hash: string;
  /** Words for image.sh. */
  readonly words: readonly string[];
}

/** Builds what is not in the cache: some three minutes the first time, for Debian and the project's dependencies. */
export async function clusterImages(): Promise<Images> {
  const all = await recipes();
  const hash = createHash('sha256');
  for (const path of [script, packing]) hash.update(await readFile(path));
  for (const recipe of all) hash.update(JSON.stringify(recipe));
  const folder = `${cache}images/`;
  const kind = metacontrollerProgram === undefined ? 'stand-in-' : 'metacontroller-';
  const file = `${folder}${kind}${hash.digest('hex').slice(0, 12)}.tar`;
  if (!(await isThere(file))) {
    await mkdir(folder, { recursive: true });
    for (const old of await readdir(folder)) if (old.startsWith(kind)) await rm(folder + old);
    await build(all, file);
  }
  return { names, file };
}

async function recipes(): Promise<readonly Recipe[]> {
  const busybox = '/bin/busybox';
  const all = [
    { name: 'project', hash: await contextHash(), words: ['project', names.project] },
    // A sandbox's first process only has to be there.
    {
      name: 'pause',
      hash: await fileHash(busybox),
      words: ['program', names.sandbox, busybox, 'sleep', '1000000'],
    },
    { name: 'nginx', hash: '', words: ['debian', names.nginx, 'nginx-light'] },
  ];
  if (metacontrollerProgram === undefined) return all;
  const words = ['program', names.metacontroller, metacontrollerProgram, '--zap-log-level=4'];
  return [...all, { name: 'metacontroller', hash: await fileHash(metacontrollerProgram), words }];
}

/** Builds each, and packs them as a containerd has them. */
async function build(all: readonly Recipe[], file: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'niximage-images-'));
  try {
    // What containerd unpacks into must not be an overlay itself, as the disk of a container is.
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=6g,mode=755', 'images', folder]);
    const archives: string[] = [];
    for (const { name, words } of all) {
      const archive = `${folder}/${name}.tar`;
      archives.push(archive);
      await stage(`the image ${name}`, () =>
        execa('bash', [script, `${cache}containers`, archive, ...words]),
      );
    }
    await stage('all images, unpacked', () => pack(archives, folder, file));
  } finally {
    await execa('umount', ['--lazy', folder], { reject: false });
    await rm(folder, { recursive: true, force: true });
  }
}

async function pack(archives: readonly string[], folder: string, file: string): Promise<void> {
  const [own, log] = [`${folder}/containerd`, `${folder}/containerd.log`];
  const containerd = await startContainerd({
    folder: own,
    run: (words) => startProcess(log, 'containerd', words),
    readLog: () => readFile(log, 'utf8'),
  });
  try {
    for (const archive of archives) {
      await importImage(containerd, archive);
      await rm(archive);
    }
  } finally {
    await containerd.process.stop();
  }
  await packImages(own, `${file}.draft`);
  await rename(`${file}.draft`, file);
}

/** Of all that goes into the project's image: what .dockerignore lets through, and the package set. */
async function contextHash(): Promise<string> {
  const ignore = (await readFile(`${projectFolder}.dockerignore`, 'utf8')).split('\n');
  const kept = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const files = (await trackedFiles()).filter((path) =>
    [...kept, 'Dockerfile', 'tests/cluster/support/image.sh'].some(
      (each) => path === each || path.startsWith(`${each}/`),
    ),
  );
  const hash = createHash('sha256').update(await realpath(`${projectFolder}.cache/packages`));
  for (const path of files.sort()) hash.update(path).update(await readFile(projectFolder + path));
  return hash.digest('hex').slice(0, 12);
}

async function fileHash(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
    .slice(0, 12);
}
