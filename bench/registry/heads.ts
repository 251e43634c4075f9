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
  const request = `HEAD ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAccept: ${accepted}\r\n\r\n`;
  const end = performance.now() + seconds * 1000;
  let count = 0;
  let bytes = 0;
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(request));
      let text = '';
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        bytes += chunk.length;
        if (!text.endsWith('\r\n\r\n')) return;
        if (!text.startsWith('HTTP/1.1 200 ')) reject(new Error(`${url}: ${text}`));
        text = '';
        count += 1;
        if (performance.now() < end) socket.write(request);
        else {
          socket.destroy();
          resolve();
        }
      });
    });
  const begin = performance.now();
  await Promise.all(Array.from({ length: connections }, ask));
  const took = (performance.now() - begin) / 1000;
  return { requestsPerSecond: count / took, bytesPerSecond: bytes / took };
}
