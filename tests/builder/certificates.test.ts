import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { withCertificates } from '../../builder/certificates.ts';
import { runBuilder } from '../../builder/main.ts';
import { writeCertificate } from '../support/certificate.ts';
import { gitRepository } from '../support/gitRepository.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { podBench } from './support/pod.ts';

/** Serves one tarball over https, with a certificate that nobody knows. */
async function tarballServer(t: TestContext): Promise<{ url: string; certificate: string }> {
  const repository = await gitRepository(t);
  const rev = await repository.commit({ 'default.nix': 'final: prev: { }\n' });
  const folder = await temporaryFolder(t);
  const [file, key, cert] = ['tools.tar.gz', 'key.pem', 'cert.pem'].map((name) => join(folder, name));
  assert.ok(file && key && cert);
  await execa('git', ['archive', '--prefix=tools/', '--output', file, rev], { cwd: repository.folder });
  await writeCertificate({ certificate: cert, key }, 'localhost', 'DNS:localhost,IP:127.0.0.1');
  const certificate = await readFile(cert, 'utf8');
  const server = createServer({ key: await readFile(key), cert: certificate }, (_request, response) => {
    void readFile(file).then((bytes) => response.end(bytes));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { url: `https://127.0.0.1:${address.port}/tools.tar.gz`, certificate };
}

describe('certificates of the operator', () => {
  test('a builder fetches from whom they name, which without them cannot be', async (t) => {
    const { url, certificate } = await tarballServer(t);
    const bench = await podBench(t, 'curl');
    const words = [...bench.words(), `--sources=${JSON.stringify([{ name: 'tools', tarball: { url } }])}`];
    const output = { write: () => true, once: () => undefined };
    assert.equal(await runBuilder(words, bench.environment, t.signal, output), 1);
    const refused = await bench.report();
    assert.ok(refused.result === 'Failed');
    assert.equal(refused.reason, 'FetchFailed');
    const environment = { ...bench.environment, NIXIMAGE_CERTIFICATES: certificate };
    assert.equal(await runBuilder(words, environment, t.signal, output), 0);
  });

  test('stand behind those that are trusted already', async (t) => {
    const folder = await temporaryFolder(t);
    const found = await withCertificates({ NIXIMAGE_CERTIFICATES: 'own' }, folder);
    const given = join(folder, 'more');
    const { NIX_SSL_CERT_FILE: file = '' } = found;
    assert.match(await readFile(file, 'utf8'), /\nown\n$/);
    for (const name of ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO']) assert.equal(found[name], file);
    await execa('cp', [file, given]);
    const again = await withCertificates({ SSL_CERT_FILE: given, NIXIMAGE_CERTIFICATES: 'more' }, folder);
    assert.match(await readFile(again['SSL_CERT_FILE'] ?? '', 'utf8'), /\nown\n\nmore\n$/);
  });

  test('are none, where nobody gives any', async (t) => {
    const environment = { PATH: '/bin' };
    assert.equal(await withCertificates(environment, await temporaryFolder(t)), environment);
  });
});
