import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { kubernetesPrograms } from './binaries.ts';
import { type ControlPlane, startControlPlane } from './controlPlane.ts';
import { until } from './processes.ts';

const manifests = new URL('../../../metacontroller/manifests/', import.meta.url);

/** Set by scripts/cluster.mjs: what failed is looked into when the cluster is gone. */
const logsThatStay = process.env['NIXIMAGE_TEST_LOGS'];

export const crdFile = fileURLToPath(new URL('crd/niximages.k8s.nixos.org.yaml', manifests));

export interface Cluster extends ControlPlane {
  /** A folder of its own, which goes with `close`. */
  readonly folder: string;
  /** The folder of the logs of all that runs in it. */
  readonly logs: string;
}

export interface ClusterOptions {
  /** Where the API server listens; default loopback. */
  readonly address?: string;
  /** Keeps all of it in memory, where this process has mounts of its own: unpacking images is far faster. */
  readonly inMemory?: boolean;
}

/** A control plane that knows NixImages. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { address = '127.0.0.1', inMemory = false } = options;
  const programs = await kubernetesPrograms();
  const folder = await mkdtemp(join(tmpdir(), 'niximage-cluster-'));
  if (inMemory) await execa('mount', ['-t', 'tmpfs', '-o', 'size=10g,mode=755', 'cluster', folder]);
  const logs = join(logsThatStay ?? folder, basename(folder));
  await mkdir(logs);
  const plane = await startControlPlane(folder, logs, programs, address).catch(async (error: unknown) => {
    await unmount(folder);
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const close = async (): Promise<void> => {
    await plane.close();
    await unmount(folder);
    await rm(folder, { recursive: true, force: true });
  };
  const cluster = { ...plane, folder, logs, close };
  try {
    await plane.must(['apply', '--server-side', '-f', crdFile]);
    await until(
      async () => (await plane.api.find('/apis/k8s.nixos.org/v1/niximages')) !== undefined,
      30_000,
      () => plane.must(['get', 'crd', '-o', 'yaml']),
    );
    return cluster;
  } catch (error) {
    await close();
    throw error;
  }
}

/** The folder and all below it, so that removing it cannot reach through what a kubelet and containerd mounted. */
async function unmount(folder: string): Promise<void> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const points = table.split('\n').map((line) => line.split(' ')[4] ?? '');
  // The last one mounted goes first.
  for (const point of points.filter((each) => `${each}/`.startsWith(`${folder}/`)).reverse())
    await execa('umount', ['--lazy', point]);
}
