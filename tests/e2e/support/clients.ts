import { join } from 'node:path';
import { execa } from 'execa';
import type { Containerd } from '../../support/containerd.ts';
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

/** It pulls as containerd does on a node. */
export function containerdClient({ ctr }: Containerd): Client {
  return async (reference, layout, tag) => {
    await ctr('images', 'pull', '--plain-http', '--snapshotter', 'native', reference);
    await ctr('images', 'export', `${layout}.tar`, reference);
    await execa('skopeo', ['copy', `oci-archive:${layout}.tar`, `oci:${layout}:${tag}`]);
  };
}
