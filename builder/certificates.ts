import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { certificatesVariable } from '../runtime/contract/certificates.ts';
import { hasErrno } from '../runtime/errors.ts';
import type { Environment } from './nix/settings.ts';

/** Where systems keep the certificates of authorities: Debian, Red Hat. */
const usual = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];

/** How Nix, curl, git and OpenSSL are told of another file. */
const variables = ['NIX_SSL_CERT_FILE', 'SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO'];

/**
 * The environment with a file in `folder` that holds the usual certificates and those of the operator; the same one
 * where there are none of the operator.
 */
export async function withCertificates(environment: Environment, folder: string): Promise<Environment> {
  const own = environment[certificatesVariable];
  if (own === undefined || own === '') return environment;
  const given = variables.map((name) => environment[name]).filter((path) => path !== undefined);
  const file = join(folder, 'certificates.pem');
  await writeFile(file, `${await firstOf([...given, ...usual])}\n${own}\n`);
  return { ...environment, ...Object.fromEntries(variables.map((name) => [name, file])) };
}

/** The text of the first file that is there; empty where none is. */
async function firstOf(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
  }
  return '';
}
