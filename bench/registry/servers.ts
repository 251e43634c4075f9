import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { nginxWords } from '../../tests/registry/support/nginx.ts';
import type { Tools } from './tools.ts';

export interface RunningPeer {
  readonly name: string;
  readonly url: string;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** All that serve the same content; of several in a list, the better one counts. */
export interface Servers {
  readonly one: RunningPeer;
  readonly two: RunningPeer;
  readonly docker: readonly RunningPeer[];
  readonly distribution: readonly RunningPeer[];
  readonly nginx: RunningPeer;
  /** Ours behind nginx, which sends large blobs. */
  readonly accelerated: RunningPeer;
  readonly oneTls: RunningPeer;
  readonly distributionTls: RunningPeer;
}

/** Files of a certificate and its key. */
export interface Tls {
  readonly certificate: string;
  readonly key: string;
}

/** Ours on `store`, in so many processes. */
export async function startOurs(
  store: string,
  processes: number,
  { tls, more = [] }: { readonly tls?: Tls; readonly more?: readonly string[] } = {},
): Promise<RunningPeer> {
  const port = await freePort();
  const main = new URL('../../cli/niximage.mjs', import.meta.url).pathname;
  const words = ['registry', 'serve', `--store=${store}`, '--host=127.0.0.1', `--port=${port}`, '--drain=1s'];
  return await started(
    `niximage, ${processes} ${processes === 1 ? 'process' : 'processes'}`,
    port,
    execa(
      process.execPath,
      [
        ...[main, ...words, `--processes=${processes}`, '--log-level=warn', ...more],
        ...(tls === undefined ? [] : [`--tls-cert-file=${tls.certificate}`, `--tls-key-file=${tls.key}`]),
      ],
      quiet,
    ),
    tls !== undefined,
  );
}

/** docker-registry or distribution on `root`, with or without its cache of descriptors in memory. */
export async function startPeer(
  name: string,
  program: string,
  root: string,
  isCached: boolean,
  tls?: Tls,
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
    ...(tls === undefined
      ? [`http: {addr: "127.0.0.1:${port}"}`]
      : [`http: {addr: "127.0.0.1:${port}", tls: {certificate: ${tls.certificate}, key: ${tls.key}}}`]),
  ];
  await writeFile(configuration, `${text.join('\n')}\n`);
  return await started(
    `${name}${isCached ? ' with cache' : ''}`,
    port,
    execa(program, ['serve', configuration], quiet),
    tls !== undefined,
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

/** Ours behind nginx with the configuration that we ship. */
export async function startAccelerated(
  { nginx }: Tools,
  store: string,
  folder: string,
): Promise<RunningPeer> {
  const serve = await startOurs(store, 1, { more: ['--x-accel=/_volume/'] });
  const port = await freePort();
  const words = await nginxWords({ folder, store, port, upstream: Number(new URL(serve.url).port) });
  const front = await started('nginx before niximage', port, execa(nginx, words, quiet));
  return {
    ...front,
    pids: [...front.pids, ...serve.pids],
    async stop() {
      await Promise.all([front.stop(), serve.stop()]);
    },
  };
}

interface Program extends Promise<unknown> {
  readonly pid?: number | undefined;
  kill(signal: 'SIGTERM'): boolean;
}

const quiet = { reject: false, stdio: 'ignore' } as const;

async function started(name: string, port: number, child: Program, isTls = false): Promise<RunningPeer> {
  const url = `${isTls ? 'https' : 'http'}://127.0.0.1:${port}`;
  let isOver = false;
  const over = child.finally(() => {
    isOver = true;
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} cannot be started`);
  while (!(await listens(port))) {
    if (isOver) throw new Error(`${name} ended at its start`);
    await delay(50);
  }
  return {
    name,
    url,
    pids: [pid],
    async stop() {
      child.kill('SIGTERM');
      await over;
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
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
