import { stat } from 'node:fs/promises';
import { messageOf } from '../../runtime/errors.ts';
import type { Certificate, TlsOptions } from '../../runtime/httpServer.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Grant } from './access.ts';
import { readAccessFile } from './accessFile.ts';
import { hashToken } from './credentials.ts';
import { readTlsFiles, type TlsFiles } from './tlsFiles.ts';

type Keep = (stop: () => void) => void;

/**
 * The grants of the access file as it is now, and that of the token to push. A file that is malformed after a change
 * changes nothing: the log says what is wrong.
 * @throws {AccessError} where it is malformed at the start.
 */
export async function watchedGrants(
  { accessFile, pushToken }: { readonly accessFile?: string; readonly pushToken?: string },
  logger: Logger,
  keep: Keep,
): Promise<() => readonly Grant[]> {
  const pushes: readonly Grant[] =
    pushToken === undefined ? [] : [{ namespace: '*', may: 'write', token: hashToken(pushToken) }];
  if (accessFile === undefined) return () => pushes;
  const read = async (): Promise<readonly Grant[]> => [...pushes, ...(await readAccessFile(accessFile))];
  let grants = await read();
  const renew = async (): Promise<void> => {
    try {
      grants = await read();
      logger.info({ accessFile }, 'the access file was read again');
    } catch (error) {
      logger.error({ error: messageOf(error) }, 'the access file stays as it was');
    }
  };
  keep(await watchFiles([accessFile], renew));
  return () => grants;
}

/** The certificate in its files, renewed when they change; those that do not fit together change nothing. */
export async function watchedCertificate(
  { tls }: { readonly tls?: TlsFiles },
  logger: Logger,
  keep: Keep,
): Promise<TlsOptions | undefined> {
  if (tls === undefined) return undefined;
  const uses: ((certificate: Certificate) => void)[] = [];
  const renew = async (): Promise<void> => {
    try {
      const renewed = await readTlsFiles(tls);
      for (const use of uses) use(renewed);
      logger.info({ ...tls }, 'the certificate was renewed');
    } catch (error) {
      logger.error({ error: messageOf(error) }, 'the certificate stays as it was');
    }
  };
  const certificate = await readTlsFiles(tls);
  keep(await watchFiles([tls.certificate, tls.key], renew));
  return { certificate, onRenewal: (use) => void uses.push(use) };
}

/** A look at the clock of each file: a mounted Secret changes by symlinks, which `fs.watch` does not see. */
const pauseMilliseconds = 1000;

/** Calls `changed` after one of the files has changed, until the result is called. */
async function watchFiles(paths: readonly string[], changed: () => Promise<void>): Promise<() => void> {
  const look = async (): Promise<string> =>
    (
      await Promise.all(
        paths.map((path) =>
          stat(path).then(
            ({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`,
            () => 'missing',
          ),
        ),
      )
    ).join('\n');
  let last = await look();
  const compare = async (): Promise<void> => {
    const now = await look();
    if (now === last) return;
    last = now;
    await changed();
  };
  const timer = setInterval(() => void compare(), pauseMilliseconds);
  timer.unref();
  return () => clearInterval(timer);
}
