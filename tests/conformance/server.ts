import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { initialiseStore, openStore } from '../../oci/store/store.ts';

export interface ConformanceServer {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  readonly token: string;
  stop(): Promise<void>;
}

/** `niximage registry serve` as a process of its own, on a fresh volume in `folder`, with pushes allowed. */
export async function startServer(folder: string, namespace: string): Promise<ConformanceServer> {
  const store = join(folder, 'store');
  await initialiseStore(store);
  await (await openStore(store)).createNamespace(namespace, 'conformance');
  const token = 'conformance-token';
  await writeFile(join(folder, 'token'), token);
  const main = new URL('../../cli/niximage.mjs', import.meta.url).pathname;
  const server = execa(
    process.execPath,
    [
      main,
      'registry',
      'serve',
      `--store=${store}`,
      '--host=127.0.0.1',
      '--port=0',
      '--drain=1s',
      `--push-token-file=${join(folder, 'token')}`,
    ],
    { reject: false, buffer: false, stdin: 'ignore', stdout: 'ignore' },
  );
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(server.stderr).on('line', (line) => {
      const said: Readonly<Record<string, unknown>> = JSON.parse(line);
      if (said['msg'] === 'listening') resolve(String(said['url']));
      if (said['level'] === 'error') console.error(line);
    });
    void server.then(() => reject(new Error('the registry ended at its start')));
  });
  return {
    host: new URL(url).host,
    token,
    async stop() {
      server.kill('SIGTERM');
      await server;
    },
  };
}
