import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { isThere } from '../support/isThere.ts';

/** What the registry is judged by, each as `go install` names it. */
export const goTools = {
  /** The OCI distribution-spec's own suite. */
  conformance: 'github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111',
  cosign: 'github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3',
  oras: 'oras.land/oras/cmd/oras@v1.2.3',
  /** Newer ones than Debian's 1.6. */
  containerd: 'github.com/containerd/containerd/v2/cmd/containerd@v2.2.9',
  ctr: 'github.com/containerd/containerd/v2/cmd/ctr@v2.2.9',
} as const;

/** Of containerd, what pulling an image needs. */
const flags = '-tags=no_btrfs,no_cri,no_devmapper,no_zfs';

/** Whether there is a Go that can build them. */
export async function hasGo(): Promise<boolean> {
  const { exitCode, stdout } = await execa('go', ['env', 'GOVERSION'], { reject: false });
  const [, minor = '0'] = /^go1\.(\d+)/.exec(stdout ?? '') ?? [];
  return exitCode === 0 && Number(minor) >= 24;
}

/** Path of a tool in the folder `bin`, built where it is missing. */
export async function ensureGoTool(bin: string, name: keyof typeof goTools): Promise<string> {
  const path = join(bin, name);
  if (await isThere(path)) return path;
  const draft = join(bin, `draft-${process.pid}`);
  await mkdir(draft, { recursive: true });
  try {
    await execa('go', ['install', '-trimpath', goTools[name]], {
      env: { GOBIN: draft, GOFLAGS: flags, CGO_ENABLED: '0' },
    });
    await rename(join(draft, name), path);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return path;
}
