import { connect } from 'node:net';
import { accepted, type Load } from './wrk.ts';

/**
 * Sends HEAD requests over `connections`, one at a time on each. `wrk` waits for the body that an answer to HEAD has not.
 * @throws where an answer is an error.
 */
export async function loadHeads(
  url: string,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<Load> {
  const { hostname, port, host, pathname } = new URL(url);
  const request = Buffer.from(`HEAD ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAccept: ${accepted}\r\n\r\n`);
  const end = performance.now() + seconds * 1000;
  let count = 0;
  let bytes = 0;
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      let isBegun = false;
      const take = (length: number, buffer: Uint8Array): boolean => {
        bytes += length;
        if (!isBegun && !isOk(buffer))
          reject(new Error(`${url}: ${Buffer.from(buffer.subarray(0, length)).toString()}`));
        isBegun = true;
        if (!isEnded(buffer, length)) return true;
        isBegun = false;
        count += 1;
        if (performance.now() < end) socket.write(request);
        else {
          socket.destroy();
          resolve();
        }
        return true;
      };
      const onread = { buffer: Buffer.alloc(4096), callback: take };
      const socket = connect({ port: Number(port), host: hostname, onread }, () => socket.write(request));
      socket.on('error', reject);
    });
  const begin = performance.now();
  await Promise.all(Array.from({ length: connections }, ask));
  const took = (performance.now() - begin) / 1000;
  return { requestsPerSecond: count / took, bytesPerSecond: bytes / took };
}

const [lineFeed, two] = [10, 50];

/** `HTTP/1.1 2`: little is looked at, for the client runs on the same cores. */
function isOk(buffer: Uint8Array): boolean {
  return buffer[9] === two;
}

/** Whether it ends with an empty line. */
function isEnded(buffer: Uint8Array, length: number): boolean {
  return buffer[length - 1] === lineFeed && buffer[length - 3] === lineFeed;
}
