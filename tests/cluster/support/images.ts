import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { projectFolder, trackedFiles } from '../../project/trackedFiles.ts';
import { metacontrollerProgram } from './metacontroller.ts';
import { stage } from './stage.ts';

const cache = fileURLToPath(new URL('../../../.cache/cluster/', import.meta.url));
const script = fileURLToPath(new URL('image.sh', import.meta.url));

/** The archives of the images that the node has from the beginning. */
export interface Images {
  readonly archives: readonly string[];
  readonly sandbox: string;
  readonly metacontroller: string;
}

const names = {
  sandbox: 'localhost/pause:1',
  /** As the component has it. */
  nginx: 'docker.io/library/nginx:stable',
  metacontroller:
    metacontrollerProgram === undefined ? 'docker.io/library/niximage:0.1.0' : 'localhost/metacontroller:1',
} as const;

/** Builds what is not in the cache: some three minutes the first time, for Debian and the project's dependencies. */
export async function clusterImages(): Promise<Images> {
  const archives = [
    await archiveOf('project', await contextHash(), ['project']),
    // A sandbox's first process only has to be there.
    await archiveOf('pause', await fileHash('/bin/busybox'), [
      names.sandbox,
      '/bin/busybox',
      'sleep',
      '1000000',
    ]),
    await archiveOf('nginx', await fileHash(script), ['debian', names.nginx, 'nginx-light']),
  ];
  if (metacontrollerProgram !== undefined) {
    const words = [names.metacontroller, metacontrollerProgram, '--zap-log-level=4'];
    archives.push(await archiveOf('metacontroller', await fileHash(metacontrollerProgram), words));
  }
  return { archives, ...names };
}

async function archiveOf(kind: string, hash: string, words: readonly string[]): Promise<string> {
  const folder = `${cache}images/`;
  const archive = `${folder}${kind}-${hash}.tar`;
  const isThere = await access(archive).then(
    () => true,
    () => false,
  );
  if (isThere) return archive;
  await mkdir(folder, { recursive: true });
  for (const old of await readdir(folder))
    if (old.startsWith(`${kind}-`)) await rm(`${folder}${old}`, { force: true });
  await stage(`the image ${kind}`, () => execa('bash', [script, `${cache}containers`, archive, ...words]));
  return archive;
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
