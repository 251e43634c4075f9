import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kubernetesPrograms } from './binaries.ts';
import { type ControlPlane, startControlPlane, until } from './controlPlane.ts';

const manifests = new URL('../../../metacontroller/manifests/', import.meta.url);

export const crdFile = fileURLToPath(new URL('crd/niximages.k8s.nixos.org.yaml', manifests));
export const controllerFile = fileURLToPath(new URL('base/compositecontroller.yaml', manifests));

export interface Cluster extends ControlPlane {
  /** A folder of its own, which goes with `close`. */
  readonly folder: string;
}

/** A control plane that knows NixImages. */
export async function startCluster(): Promise<Cluster> {
  const programs = await kubernetesPrograms();
  const folder = await mkdtemp(join(tmpdir(), 'niximage-cluster-'));
  const plane = await startControlPlane(folder, programs).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const close = async (): Promise<void> => {
    await plane.close();
    await rm(folder, { recursive: true, force: true });
  };
  const cluster = { ...plane, folder, close };
  try {
    await plane.kubectl(['apply', '--server-side', '-f', crdFile]);
    await until(
      async () => (await plane.kubectl(['get', 'niximages'])).exitCode === 0,
      30_000,
      async () => (await plane.kubectl(['get', 'crd', '-o', 'yaml'])).stdout,
    );
    return cluster;
  } catch (error) {
    await close();
    throw error;
  }
}
