import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { writeCertificate } from '../../support/certificate.ts';
import { runInPod } from '../support/niximages.ts';
import { nodeAddress } from '../support/node.ts';
import type { Site } from '../support/site.ts';
import { takeComponent } from './overlay.ts';
import { layersOf } from './registry.ts';

/** What builds.ts has built. */
const image = 'curl-and-jq:v1';
const there = ['-n', 'niximage-system'];

/** The registry as each component makes it; it is without one before and after. */
export function componentCases(site: () => Site): void {
  const roll = async (): Promise<void> => {
    // The other parts stay as they are: tests have changed them.
    const part = ['-l', 'app.kubernetes.io/component=registry'];
    await site().must(['apply', '--server-side', '-k', site().overlay, ...part]);
    await site().must(['rollout', 'status', '--timeout=90s', ...there, 'deployment/niximage-registry']);
  };
  after(roll);
  const withComponent = async (name: string, work: () => Promise<void>): Promise<void> => {
    const leave = await takeComponent(site(), name);
    try {
      await roll();
      await work();
    } finally {
      await leave();
    }
  };

  test('tls: the node trusts the certificate by hosts.toml, and a Pod runs', async () => {
    const { folder } = site();
    const [certificate, key] = [`${folder}/tls.crt`, `${folder}/tls.key`];
    await writeCertificate({ certificate, key }, 'niximage', `IP:${nodeAddress}`);
    const secret = ['niximage-registry-tls', ...there];
    await site().must(['create', 'secret', 'tls', ...secret, `--cert=${certificate}`, `--key=${key}`]);
    const host = `${nodeAddress}:30500`;
    const hosts = `${folder}/containerd/certs.d/${host}`;
    await mkdir(hosts);
    const server = `https://${host}`;
    await writeFile(
      `${hosts}/hosts.toml`,
      `server = "${server}"\n[host."${server}"]\n  capabilities = ["pull", "resolve"]\n  ca = "${certificate}"\n`,
    );
    await withComponent('tls', async () => {
      const output = await runInPod(site(), `${host}/${image}`, ['curl', '--version'], 'over-tls');
      assert.match(output, /^curl /);
      await assert.rejects(fetch(`http://${host}/v2/`), 'it speaks nothing but https');
    });
    await site().must(['delete', 'secret', ...secret]);
  });

  test('nginx: it sends large layers, and a Pod runs', async () => {
    await withComponent('nginx', async () => {
      const output = await runInPod(
        site(),
        `localhost:30500/${image}`,
        ['curl', '--version'],
        'behind-nginx',
      );
      assert.match(output, /^curl /);
      let large = 0;
      for (const digest of await layersOf('curl-and-jq', 'v1')) {
        const answer = await fetch(`http://localhost:30500/v2/curl-and-jq/blobs/${digest}`);
        const bytes = Buffer.from(await answer.arrayBuffer());
        assert.equal(answer.headers.get('server'), 'nginx');
        assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, digest);
        if (bytes.length > 1024 ** 2) large += 1;
      }
      assert.ok(large > 0, 'a layer of more than a MiB is sent by nginx itself');
    });
  });
}
