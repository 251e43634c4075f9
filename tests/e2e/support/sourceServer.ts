import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { writeCertificate } from '../../support/certificate.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import type { Cleanups } from './cleanup.ts';

/** A server of sources that gives none: `/404` is answered with that status, and so is any other. */
export interface SourceServer {
  readonly http: string;
  /** The same, with a certificate that nobody knows. */
  readonly https: string;
}

export async function sourceServer(t: Cleanups): Promise<SourceServer> {
  const folder = await temporaryFolder(t);
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  await writeCertificate({ certificate: cert, key }, 'localhost');
  const tls = { key: await readFile(key), cert: await readFile(cert) };
  return {
    http: `http://${await listening(t, createServer())}`,
    https: `https://${await listening(t, createTlsServer(tls))}`,
  };
}

async function listening(t: Cleanups, server: Server): Promise<string> {
  server.on('request', (request, response) => {
    response.writeHead(Number(/\/(\d{3})\b/.exec(request.url ?? '')?.[1] ?? 404)).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return `127.0.0.1:${address.port}`;
}
