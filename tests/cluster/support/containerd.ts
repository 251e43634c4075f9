import { mkdir, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { type Process, until } from './processes.ts';

/** The namespace of what a kubelet runs. */
const namespace = 'k8s.io';

export interface ContainerdOptions {
  /** All that it keeps is in it. */
  readonly folder: string;
  /** A file of `packImages`; without it there are no images. */
  readonly images?: string;
  /** More of its configuration. */
  readonly plugins?: string;
  /** Runs it with these words. */
  run(words: readonly string[]): Process;
  /** What it wrote, for a person. */
  readLog(): Promise<string>;
}

export interface Containerd {
  readonly process: Process;
  readonly socket: string;
}

/** Starts containerd, and waits until it answers. */
export async function startContainerd(options: ContainerdOptions): Promise<Containerd> {
  const { folder, images, plugins = '' } = options;
  const [root, socket] = [`${folder}/root`, `${folder}/containerd.sock`];
  await mkdir(root, { recursive: true });
  if (images !== undefined) await tar('-C', root, '-xf', images);
  await writeFile(
    `${folder}/config.toml`,
    `version = 2\nroot = "${root}"\nstate = "${folder}/state"\n[grpc]\n  address = "${socket}"\n${plugins}`,
  );
  const process = options.run([`--config=${folder}/config.toml`]);
  await until(
    async () => (await execa('ctr', ['--address', socket, 'version'], { reject: false })).exitCode === 0,
    30_000,
    options.readLog,
  );
  return { process, socket };
}

/** Imports an image from an archive of Docker's, and unpacks it. */
export async function importImage({ socket }: Containerd, archive: string): Promise<void> {
  await execa('ctr', ['--address', socket, `--namespace=${namespace}`, 'images', 'import', archive]);
}

/**
 * Writes what a containerd has into a file, from which another starts: in a tenth of the time that its images take to be
 * imported. It has ended.
 */
export async function packImages(folder: string, file: string): Promise<void> {
  await tar('-C', `${folder}/root`, '-cf', file, '.');
}

/** With what overlay notes in extended attributes. */
async function tar(...words: readonly string[]): Promise<void> {
  await execa('tar', ['--xattrs', '--xattrs-include=*', '--numeric-owner', ...words]);
}
