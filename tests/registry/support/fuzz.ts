import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { digestOf } from './memoryImages.ts';
import { randomNumbers, rawPath } from './rawPaths.ts';
import { blobPath, makeImage, publish, writeMarker, writeNamespace } from './volume.ts';

/** Stands in all that must not come out: files beside the store, the store's own, another tenant's. */
const secret = 'NOBODY-MAY-READ-THIS';

const methods = ['GET', 'GET', 'GET', 'HEAD', 'DELETE', 'PUT', 'POST', 'PATCH', 'OPTIONS', 'TRACE'];

/** A store with an open tenant and a victim, and secrets around them. @returns what leads to the secrets. */
export async function writeSecrets(folder: string): Promise<readonly string[]> {
  const root = join(folder, 'store');
  await writeMarker(root);
  await writeFile(join(folder, 'secret'), secret);
  for (const namespace of ['default', 'team', 'victim']) await writeNamespace(root, namespace, secret);
  const image = await makeImage(secret);
  await publish(root, image, { namespace: 'victim' });
  const blob = Buffer.from(secret);
  await writeFile(blobPath(root, 'victim', blob), blob);
  await publish(root, await makeImage('open'));
  // A tenant that tries: links to the victim's blobs and images, and out of the store.
  const link = blobPath(root, 'team', blob);
  await symlink(blobPath(root, 'victim', blob), link);
  await mkdir(join(root, 'team/images/app/tags'), { recursive: true });
  await symlink(join(root, 'victim/images/app'), join(root, 'team/images/other'));
  await symlink(join(folder, 'secret'), join(root, 'team/images/app/tags/v1'));
  return [digestOf(blob), digestOf(image.manifest), digestOf(image.config)];
}

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  /** Pieces of paths beside the usual ones. */
  readonly extra: readonly string[];
  /** Shown in each request. */
  readonly token?: string;
}

export interface Fuzzed {
  /** Answers by status; 0 where the connection was just closed. */
  readonly statuses: ReadonlyMap<number, number>;
}

/**
 * Sends so many raw requests, one after the other on connections that are kept.
 * @throws where an answer is a failure of the server's, or holds the secret. The message has the path.
 */
export async function fuzz(url: string, { count, seed, extra, token }: FuzzOptions): Promise<Fuzzed> {
  const { hostname, port } = new URL(url);
  const random = randomNumbers(seed);
  const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  const statuses = new Map<number, number>();
  let socket: Socket | undefined;
  for (let turn = 0; turn < count; turn += 1) {
    const path = rawPath(random, extra);
    if (path.startsWith('/v2/victim/')) continue;
    const method = methods[Math.floor(random() * methods.length)] ?? 'GET';
    if (socket === undefined || socket.destroyed || !socket.writable)
      socket = connect(Number(port), hostname);
    const answer = await exchange(
      socket,
      Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: x\r\n${authorization}\r\n`, 'latin1'),
      method,
    );
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status >= 500 || answer.includes(secret))
      throw new Error(
        `${method} ${JSON.stringify(path.slice(0, 500))} (seed ${seed}) gave: ${answer.slice(0, 500)}`,
      );
    if (status === 0 || status === 400 || /^connection: close/im.test(answer)) socket.destroy();
  }
  socket?.destroy();
  return { statuses };
}

/** The answer to one request; what was said so far where the connection is closed. */
function exchange(socket: Socket, request: Buffer, method: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const done = (): void => {
      socket.removeAllListeners();
      socket.on('error', () => {});
      resolve(text);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end === -1) return;
      const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, end))?.[1] ?? 0);
      const isChunked = /^transfer-encoding: chunked/im.test(text.slice(0, end));
      const isWhole = isChunked ? text.endsWith('0\r\n\r\n') : text.length >= end + 4 + length;
      if (method === 'HEAD' || isWhole) done();
    });
    socket.on('error', () => {});
    socket.on('close', done);
    socket.write(request);
  });
}
