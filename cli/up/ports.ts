import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, hasErrno, messageOf } from '../../runtime/errors.ts';

export class PortError extends CodedError<'PORT_IN_USE' | 'PORT_REFUSED'> {}

const loopback = '127.0.0.1';

/** A port of the loopback interface on which nobody listens. */
export async function freePort(): Promise<number> {
  return await tryPort(0);
}

/**
 * Checks that the registry's port can be taken.
 * @param patience milliseconds to wait for one who is about to leave it.
 * @throws {PortError} with what to do.
 */
export async function demandPort(port: number, patience = 0): Promise<void> {
  const until = Date.now() + patience;
  for (;;) {
    const cause = await tryPort(port).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (cause === undefined) return;
    if (hasErrno(cause, 'EADDRINUSE') && Date.now() < until) {
      await delay(20);
      continue;
    }
    if (hasErrno(cause, 'EADDRINUSE'))
      throw new PortError(
        'PORT_IN_USE',
        `port ${port} of ${loopback} is in use by another program: stop it, or choose another port with --port ${port + 1}.`,
        { cause },
      );
    throw new PortError(
      'PORT_REFUSED',
      `port ${port} of ${loopback} cannot be used (${messageOf(cause)}): choose another one with --port 5001.`,
      { cause },
    );
  }
}

async function tryPort(port: number): Promise<number> {
  const server = createServer();
  server.listen(port, loopback);
  await once(server, 'listening');
  // A server that listens on TCP has an address of this shape; a string is for pipes.
  const address = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return address.port;
}
