import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CodedError, messageOf } from '../../runtime/errors.ts';
import type { Certificate } from '../../runtime/httpServer.ts';

export class TlsError extends CodedError<'TLS_UNREADABLE' | 'TLS_MALFORMED'> {}

export interface TlsFiles {
  /** PEM: the certificate, and those that lead to its authority. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
}

/** @throws {TlsError} where a file cannot be read, or the two do not belong together. */
export async function readTlsFiles({ certificate, key }: TlsFiles): Promise<Certificate> {
  const read = (path: string): Promise<string> =>
    readFile(path, 'utf8').catch((cause: unknown) => {
      throw new TlsError('TLS_UNREADABLE', `${path} cannot be read: ${messageOf(cause)}`, { cause });
    });
  const found = { cert: await read(certificate), key: await read(key) };
  try {
    if (new X509Certificate(found.cert).checkPrivateKey(createPrivateKey(found.key))) return found;
    throw new Error('the key is of another certificate');
  } catch (cause) {
    throw new TlsError(
      'TLS_MALFORMED',
      `${certificate} and ${key} are no certificate with its key, both in PEM: ${messageOf(cause)}`,
      { cause },
    );
  }
}
