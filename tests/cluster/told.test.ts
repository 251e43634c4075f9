import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ImageStatus } from '../../hooks/resource/niximage.ts';
import { failures } from '../hooks/support/failures.ts';
import { condition } from '../hooks/support/status.ts';
import { type Cluster, startCluster } from './support/cluster.ts';

/** An image for each failure, by what was done; its manifest is another one, for the API server refuses some. */
const images = Object.entries(failures).map(([did, cause], index) => ({
  did,
  name: `image-${index}`,
  status: cause().status,
}));

describe('kubectl tells each failure that docs/failures.md has of the hook', () => {
  let cluster: Cluster;
  let lines: readonly string[];

  before(async () => {
    cluster = await startCluster();
    const items = images.map(({ name }) => ({
      apiVersion: 'k8s.nixos.org/v1',
      kind: 'NixImage',
      metadata: { name },
      data: { contents: ['curl'] },
    }));
    await must(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    for (const { name, status } of images)
      await must([
        ...['patch', 'niximage', name, '--subresource=status', '--type=merge'],
        ...['-p', JSON.stringify({ status })],
      ]);
    lines = (await must(['get', 'niximages', '-o', 'wide'])).split('\n');
  });
  after(() => cluster.close());

  async function must(words: readonly string[], input?: string): Promise<string> {
    const { exitCode, stdout, stderr } = await cluster.kubectl([...words], input);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  }

  for (const { did, name, status } of images)
    test(`${did}: one line of kubectl get, and kubectl describe`, async () => {
      const { reason, message } = condition(status, 'Ready');
      const line = lines.find((each) => each.startsWith(`${name} `));
      for (const said of [status?.state ?? '', reason, message])
        assert.ok(line?.includes(said), `${said} in ${line}`);
      const described = unfolded(await must(['describe', 'niximage', name]));
      for (const said of [`Reason: ${reason}`, `Message: ${message}`])
        assert.ok(described.includes(unfolded(said)), described);
    });

  test('kubectl wait ends where nothing goes on, and waits elsewhere', async () => {
    const isStalled = (status: ImageStatus | undefined) => condition(status, 'Stalled').status === 'True';
    const namesOf = (stalled: boolean) =>
      images.filter(({ status }) => isStalled(status) === stalled).map(({ name }) => `niximage/${name}`);
    assert.ok(namesOf(true).length > 0 && namesOf(false).length > 0);
    await must(['wait', '--for=condition=Stalled', '--timeout=30s', ...namesOf(true)]);
    await must(['wait', '--for=condition=Stalled=False', '--timeout=30s', ...namesOf(false)]);
    await must(['wait', '--for=condition=Ready=False', '--timeout=30s', ...namesOf(true)]);
  });
});

/** kubectl breaks long lines, and puts spaces between a name and its value. */
function unfolded(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
