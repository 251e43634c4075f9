import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { temporaryFolder } from './tmp.ts';

export interface Containerd {
  /** Runs `ctr` against it; gives what it prints. */
  ctr(...words: string[]): Promise<string>;
}

export interface ContainerdPrograms {
  readonly containerd: string;
  readonly ctr: string;
}

/** A containerd of the test's own: its root, state and socket are in a folder that goes with the test. */
export async function startContainerd(
  t: { after(end: () => Promise<void>): void },
  programs: ContainerdPrograms = { containerd: 'containerd', ctr: 'ctr' },
): Promise<Containerd> {
  const folder = await temporaryFolder(t);
  const socket = join(folder, 'socket');
  const configuration = join(folder, 'config.toml');
  await writeFile(
    configuration,
    [
      'version = 2',
      `root = "${folder}/root"`,
      `state = "${folder}/state"`,
      'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper"]',
      '[grpc]',
      `address = "${socket}"`,
      // A newer one pulls by its transfer service, which unpacks only with what it is told of.
      '[[plugins."io.containerd.transfer.v1.local".unpack_config]]',
      `platform = "linux/${process.arch === 'x64' ? 'amd64' : process.arch}"`,
      'snapshotter = "native"',
      '[ttrpc]',
      `address = "${socket}.ttrpc"`,
    ].join('\n'),
  );
  const daemon = spawn(programs.containerd, ['--config', configuration], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(daemon, 'close');
  t.after(async () => {
    daemon.kill('SIGTERM');
    await ended;
  });
  let log = '';
  const { promise: up, resolve, reject } = Promise.withResolvers<void>();
  daemon.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
    if (log.includes('containerd successfully booted')) resolve();
  });
  const fail = (what: string) => reject(new Error(`${programs.containerd} ${what}: ${log}`));
  ended.then(() => fail('ended at its start'), reject);
  const timer = setTimeout(() => fail('is not up after a minute'), 60_000);
  await up.finally(() => clearTimeout(timer));
  const ctr = async (...words: string[]): Promise<string> =>
    (await execa(programs.ctr, ['--address', socket, ...words])).stdout;
  return { ctr };
}
