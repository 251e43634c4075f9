import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** The OCI distribution-spec's own conformance suite, as the registry is judged by. */
const module = 'github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111';

/** Path of the suite in `bin`, built where it is missing; undefined where there is no Go to build it. */
export async function ensureSuite(bin: string): Promise<string | undefined> {
  const suite = join(bin, 'conformance');
  if (await exists(suite)) return suite;
  if ((await execa('go', ['version'], { reject: false })).exitCode !== 0) return undefined;
  const draft = join(bin, `draft-${process.pid}`);
  await mkdir(draft, { recursive: true });
  try {
    await execa('go', ['install', '-trimpath', module], { env: { GOBIN: draft, GOFLAGS: '' } });
    await rename(join(draft, 'conformance'), suite);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return suite;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
