import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { execa } from 'execa';
import { project } from './program.ts';

/** Each client pulls `reference` into an OCI layout at `layout` under `tag`. */
export type Client = (reference: string, layout: string, tag: string) => Promise<void>;

export const skopeo: Client = async (reference, layout, tag) => {
  await execa('skopeo', ['copy', '--src-tls-verify=false', `docker://${reference}`, `oci:${layout}:${tag}`]);
};

/** crane writes layouts without names, so the image goes through an archive. */
export const crane: Client = async (reference, layout, tag) => {
  const archive = `${layout}.tar`;
  await execa(join(project, '.cache', 'bin', 'crane'), ['pull', '--insecure', reference, archive]);
  await execa('skopeo', ['copy', `docker-archive:${archive}`, `oci:${layout}:${tag}`]);
};

/** A containerd of the test's own; it ends with the test. */
export async function startContainerd(t: Pick<TestContext, 'after'>, folder: string): Promise<Client> {
  const address = join(folder, 'c.sock');
  const config = join(folder, 'containerd.toml');
  await mkdir(folder, { recursive: true });
  await writeFile(
    config,
    `version = 2
root = "${join(folder, 'root')}"
state = "${join(folder, 'state')}"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
[grpc]
address = "${address}"
[ttrpc]
address = "${address}.ttrpc"
`,
  );
  const child = spawn('containerd', ['--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (/containerd successfully booted/.test(log)) resolve();
    });
    void ended.then(() => reject(new Error(`containerd ended: ${log}`)));
  });
  const ctr = (...words: string[]) => execa('ctr', ['--address', address, '--namespace', 'test', ...words]);
  return async (reference, layout, tag) => {
    await ctr('images', 'pull', '--plain-http', '--snapshotter', 'native', reference);
    await ctr('images', 'export', `${layout}.tar`, reference);
    await execa('skopeo', ['copy', `oci-archive:${layout}.tar`, `oci:${layout}:${tag}`]);
  };
}
