import { readFile } from 'node:fs/promises';
import { messageOf } from '../runtime/errors.ts';
import { OptionError } from '../runtime/options.ts';
import type { NetworkSettings } from './children/network.ts';
import type { HookValues } from './configuration.ts';

/** Bytes of certificates; they travel in a variable of each builder's Pod. */
const certificatesLimit = 64 * 1024;

/**
 * How builders reach the world outside of the cluster.
 * @throws {OptionError} where the file of certificates cannot be read, or holds none.
 */
export async function networkSettings(values: HookValues): Promise<NetworkSettings> {
  const [proxy, proxyExcept] = [values['builder-proxy'], values['builder-proxy-except']];
  const file = values['builder-certificates'];
  return {
    ...(proxy === undefined ? {} : { proxy }),
    ...(proxyExcept === undefined ? {} : { proxyExcept }),
    ...(file === undefined ? {} : { certificates: await readCertificates(file) }),
  };
}

async function readCertificates(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new OptionError(
      `builder-certificates names ${file}, which cannot be read (${messageOf(cause)}); on a cluster, the ConfigMap niximage-certificates holds it`,
    );
  });
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new OptionError(
      `builder-certificates names ${file}, which holds no certificate; write PEM into it`,
    );
  if (Buffer.byteLength(text) > certificatesLimit)
    throw new OptionError(
      `builder-certificates names ${file}, which has more than ${certificatesLimit} bytes; leave out the authorities that are trusted anyway`,
    );
  return text.trim();
}
