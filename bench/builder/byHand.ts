import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere } from '../../scripts/setup/command.mjs';
import { freePort, untilReady } from '../server.ts';
import { timed, type Usage } from './timed.ts';

/**
 * What a person does without the builder: nix-build of the archive, skopeo copy into a registry. gzip unpacks the archive
 * into a file, as skopeo does itself: Debian's skopeo 1.9.3 was seen to misread what it unpacks.
 */
export interface ByHand extends AsyncDisposable {
  build(expression: string): Promise<Usage>;
}

/** A fresh docker-registry; where that is not installed, a fresh OCI layout. */
export async function byHand(folder: string, env: Readonly<Record<string, string>>): Promise<ByHand> {
  await mkdir(folder);
  const registry = (await isThere('docker-registry', env['PATH']))
    ? await startRegistry(folder, env)
    : undefined;
  const target =
    registry === undefined ? `oci:${join(folder, 'layout')}:v1` : `docker://${registry.host}/bench:v1`;
  return {
    async build(expression) {
      const file = join(folder, 'default.nix');
      const link = join(folder, 'result');
      await writeFile(file, expression);
      const built = await timed({ program: 'nix-build', words: [file, '--out-link', link], env }, folder);
      const unpacked = join(folder, 'archive.tar');
      const script =
        'gzip -dc "$1" > "$2" && skopeo --insecure-policy copy --dest-tls-verify=false "$3" "$4"';
      const words = ['-c', script, 'bash', link, unpacked, `docker-archive:${unpacked}`, target];
      const copied = await timed({ program: 'bash', words, env }, folder);
      return { wall: built.wall + copied.wall, cpu: built.cpu + copied.cpu };
    },
    async [Symbol.asyncDispose]() {
      await registry?.stop();
    },
  };
}

interface Registry {
  readonly host: string;
  stop(): Promise<void>;
}

async function startRegistry(folder: string, env: Readonly<Record<string, string>>): Promise<Registry> {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const file = join(folder, 'registry.yaml');
  const configuration = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'registry') } },
    http: { addr: host },
  };
  await writeFile(file, JSON.stringify(configuration));
  const child = spawn('docker-registry', ['serve', file], { env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await untilReady(`http://${host}/v2/`, () => child.exitCode !== null);
  return {
    host,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
