import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { PeerCertificate } from 'node:tls';
import { execa } from 'execa';
import { writeCertificate } from '../support/certificate.ts';
import { startContainerd } from '../support/containerd.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { ask } from './support/client.ts';
import { digestOf } from './support/memoryImages.ts';
import { type Site, serveVolume } from './support/site.ts';
import { makeImage, publish, writeNamespace } from './support/volume.ts';

const hash = (token: string): string => createHash('sha256').update(token).digest('hex');
const grants = `# who may what
team   read   ${hash('reader')}

team   write  ${hash('writer')}
other  read   ${hash('another')}
`;

/** `app:v1` in the namespaces default, team and other; the last two need a token. */
async function guardedSite(t: TestContext): Promise<Site & { readonly accessFile: string }> {
  const accessFile = join(await temporaryFolder(t), 'access');
  await writeFile(accessFile, grants);
  const site = await serveVolume(t, { accessFile });
  const image = await makeImage('one');
  for (const namespace of ['default', 'team', 'other']) {
    if (namespace !== 'default') await writeNamespace(site.root, namespace);
    await publish(site.root, image, { namespace });
  }
  return { ...site, accessFile };
}

describe('an access file', () => {
  const rows: readonly {
    readonly reason: string;
    readonly path: string;
    readonly token?: string;
    readonly status: number;
    readonly method?: string;
  }[] = [
    { reason: 'a namespace that it does not name is open', path: 'app/manifests/v1', status: 200 },
    { reason: 'one that it names is not', path: 'team/app/manifests/v1', status: 401 },
    { reason: 'its lists neither', path: 'team/app/tags/list', status: 401 },
    { reason: 'nor what is not there', path: 'team/no/manifests/v1', status: 401 },
    { reason: 'with its token it is', path: 'team/app/manifests/v1', token: 'reader', status: 200 },
    { reason: 'with the token to write too', path: 'team/app/manifests/v1', token: 'writer', status: 200 },
    { reason: "another's token is refused", path: 'other/app/manifests/v1', token: 'reader', status: 403 },
    {
      reason: 'a reader does not write',
      path: 'team/app/blobs/uploads/',
      method: 'POST',
      token: 'reader',
      status: 403,
    },
    {
      reason: 'a writer does',
      path: 'team/app/blobs/uploads/',
      method: 'POST',
      token: 'writer',
      status: 202,
    },
    { reason: 'but not elsewhere', path: 'app/blobs/uploads/', method: 'POST', token: 'writer', status: 403 },
    {
      reason: 'a token that nobody has',
      path: 'app/blobs/uploads/',
      method: 'POST',
      token: 'x',
      status: 401,
    },
  ];
  test('says who may read and write which namespace', async (t) => {
    const { url } = await guardedSite(t);
    // Twice, for the second answer may come from memory.
    for (const _turn of [1, 2])
      for (const { reason, path, token, status, method = 'GET' } of rows) {
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
        assert.equal((await ask(url, `/v2/${path}`, { method, headers })).status, status, reason);
      }
  });

  test('is a challenge that skopeo and containerd answer', async (t) => {
    const { host } = await guardedSite(t);
    const image = `docker://${host}/team/app:v1`;
    const inspect = (...words: string[]): Promise<{ exitCode?: number | undefined }> =>
      execa('skopeo', ['inspect', '--tls-verify=false', ...words, image], { reject: false });
    assert.equal((await inspect('--creds=any:reader')).exitCode, 0);
    assert.notEqual((await inspect()).exitCode, 0);
    assert.notEqual((await inspect('--creds=any:wrong')).exitCode, 0);
    const containerd = await startContainerd(t);
    const pull = ['images', 'pull', '--plain-http', '--snapshotter=native'];
    await assert.rejects(containerd.ctr(...pull, `${host}/team/app:v1`));
    await containerd.ctr(...pull, '--user=any:reader', `${host}/team/app:v1`);
  });

  test('counts as soon as it is changed, unless it is malformed', async (t) => {
    const { url, accessFile } = await guardedSite(t);
    const status = async (): Promise<number> =>
      (await ask(url, '/v2/app/manifests/v1', { headers: { authorization: 'Bearer new' } })).status;
    const replace = async (text: string): Promise<void> => {
      await writeFile(`${accessFile}.new`, text);
      await rename(`${accessFile}.new`, accessFile);
    };
    await replace(`* read ${hash('other')}`);
    while ((await status()) !== 401) await delay(50);
    await replace(`* read ${hash('new')}`);
    while ((await status()) !== 200) await delay(50);
    await replace('* read');
    await delay(1500);
    assert.equal(await status(), 200);
  });

  test('that is malformed at the start is named with its line', async (t) => {
    const accessFile = join(await temporaryFolder(t), 'access');
    await writeFile(accessFile, `team read ${hash('a')}\nteam reads ${hash('b')}\n`);
    await assert.rejects(serveVolume(t, { accessFile }), {
      name: 'AccessError',
      message: /^line 2 of .*access/,
    });
  });
});

describe('https', () => {
  async function certify(folder: string, name: string): Promise<void> {
    await writeCertificate({ certificate: `${folder}/cert.new`, key: `${folder}/key.new` }, name);
    for (const file of ['key', 'cert']) await rename(join(folder, `${file}.new`), join(folder, file));
  }

  function get(site: Site, path: string): Promise<{ status: number; name: string }> {
    return new Promise((resolve, reject) => {
      const asked = request(`${site.url}${path}`, { rejectUnauthorized: false, agent: false }, (response) => {
        const { socket } = response;
        const certificate: PeerCertificate =
          'getPeerCertificate' in socket && typeof socket.getPeerCertificate === 'function'
            ? socket.getPeerCertificate()
            : {};
        response.resume();
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, name: String(certificate.subject.CN) }),
        );
      });
      asked.on('error', reject).end();
    });
  }

  test('is served with a certificate that may change, to real clients too', async (t) => {
    const folder = await temporaryFolder(t);
    await certify(folder, 'first');
    const tls = { certificate: join(folder, 'cert'), key: join(folder, 'key') };
    const site = await serveVolume(t, { tls });
    const image = await makeImage('one');
    await publish(site.root, image);
    assert.match(site.url, /^https:/);
    assert.deepEqual(await get(site, '/v2/app/manifests/v1'), { status: 200, name: 'first' });
    const { stdout } = await execa('skopeo', [
      'inspect',
      '--tls-verify=false',
      `docker://${site.host}/app:v1`,
    ]);
    assert.equal(JSON.parse(stdout).Digest, digestOf(image.manifest));
    await certify(folder, 'second');
    while ((await get(site, '/v2/')).name !== 'second') await delay(50);
    await writeFile(tls.certificate, 'no certificate');
    await delay(1500);
    assert.equal((await get(site, '/v2/')).name, 'second');
  });

  test('is not served where the files do not fit', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'cert'), '');
    await writeFile(join(folder, 'key'), '');
    const tls = { certificate: join(folder, 'cert'), key: join(folder, 'key') };
    await assert.rejects(serveVolume(t, { tls }), { name: 'TlsError' });
  });
});
