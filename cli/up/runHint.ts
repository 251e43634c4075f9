import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Clients in the order in which a person would rather use them. */
const clients = [
  { program: 'docker', line: (reference: string) => `docker run --rm -it ${reference}` },
  { program: 'podman', line: (reference: string) => `podman run --rm -it --tls-verify=false ${reference}` },
  {
    program: 'nerdctl',
    line: (reference: string) => `nerdctl run --rm -it --insecure-registry ${reference}`,
  },
  { program: 'ctr', line: (reference: string) => `ctr images pull --plain-http ${reference}` },
  {
    program: 'skopeo',
    line: (reference: string) => `skopeo copy --src-tls-verify=false docker://${reference} oci:image:latest`,
  },
] as const;

/** A command that runs, or at least pulls, the image with what is installed on this machine. */
export async function runHint(
  reference: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  for (const { program, line } of clients) if (await isInstalled(program, env)) return line(reference);
  return `podman run --rm -it --tls-verify=false ${reference}`;
}

/** Whether a program of that name stands in the PATH. */
export async function isInstalled(
  program: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const there = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && there) return true;
  }
  return false;
}
