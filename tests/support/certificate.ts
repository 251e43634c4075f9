import { execa } from 'execa';

/** Where PEM files go. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/**
 * Writes a certificate for a day that its own key signed, and so nobody knows.
 * @param names as `subjectAltName` has them: `DNS:localhost,IP:127.0.0.1`.
 */
export async function writeCertificate(
  { certificate, key }: CertificateFiles,
  commonName: string,
  names?: string,
): Promise<void> {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const more = names === undefined ? [] : ['-addext', `subjectAltName=${names}`];
  const files = ['-keyout', key, '-out', certificate];
  await execa('openssl', ['req', '-x509', ...kind, '-subj', `/CN=${commonName}`, ...more, ...files]);
}
