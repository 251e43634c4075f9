import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { Tools } from './tools.ts';

export interface RunningPeer {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** All that serve the same content; of several in a list, the better one counts. */
export interface Servers {
  readonly one: RunningPeer;
  readonly two: RunningPeer;
  readonly docker: readonly RunningPeer[];
  readonly distribution: readonly RunningPeer[];
  readonly nginx: RunningPeer;
}

/** Ours on `store`, in so many processes. */
export async function startOurs(store: string, processes: number): Promise<RunningPeer> {
  const port = await freePort();
  const main = new URL('../../cli/niximage.mjs', import.meta.url).pathname;
  const words = ['registry', 'serve', `--store=${store}`, '--host=127.0.0.1', `--port=${port}`, '--drain=1s'];
  return await started(
    `niximage, ${processes} ${processes === 1 ? 'process' : 'processes'}`,
    port,
    execa(process.execPath, [main, ...words, `--processes=${processes}`, '--log-level=warn'], quiet),
  );
}

/** docker-registry or distribution on `root`, with or without its cache of descriptors in memory. */
export async function startPeer(
  name: string,
  program: string,
  root: string,
  isCached: boolean,
): Promise<RunningPeer> {
  const port = await freePort();
  const configuration = `${root}-${port}.yml`;
  const text = [
    'version: 0.1',
    'log: {level: error, accesslog: {disabled: true}}',
    'storage:',
    `  filesystem: {rootdirectory: ${root}, maxthreads: 100}`,
    '  maintenance: {uploadpurging: {enabled: false}}',
    ...(isCached ? ['  cache: {blobdescriptor: inmemory}'] : []),
    `http: {addr: "127.0.0.1:${port}"}`,
  ];
  await writeFile(configuration, `${text.join('\n')}\n`);
  return await started(
    `${name}${isCached ? ' with cache' : ''}`,
    port,
    execa(program, ['serve', configuration], quiet),
  );
}

/** nginx on the plain files in `root`. */
export async function startNginx({ nginx }: Tools, root: string): Promise<RunningPeer> {
  const port = await freePort();
  const work = `${root}-nginx`;
  await mkdir(work, { recursive: true });
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(work, name)};`,
  );
  await writeFile(
    join(work, 'nginx.conf'),
    `daemon off; user root; worker_processes 2; pid ${join(work, 'pid')}; error_log ${join(work, 'error.log')};
events { worker_connections 16384; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; ${folders.join(' ')}
server { listen 127.0.0.1:${port}; root ${root}; } }
`,
  );
  return await started('nginx', port, execa(nginx, ['-p', work, '-c', join(work, 'nginx.conf')], quiet));
}

interface Program extends Promise<unknown> {
  readonly pid?: number | undefined;
  kill(signal: 'SIGTERM'): boolean;
}

const quiet = { reject: false, stdio: 'ignore' } as const;

async function started(name: string, port: number, child: Program): Promise<RunningPeer> {
  const url = `http://127.0.0.1:${port}`;
  let isOver = false;
  const over = child.finally(() => {
    isOver = true;
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} cannot be started`);
  for (;;) {
    if (
      await fetch(`${url}/v2/`).then(
        () => true,
        () => false,
      )
    )
      break;
    if (isOver) throw new Error(`${name} ended at its start`);
    await delay(50);
  }
  return {
    name,
    url,
    pid,
    async stop() {
      child.kill('SIGTERM');
      await over;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      // A TCP server that listens has an AddressInfo.
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
