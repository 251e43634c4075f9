import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { ImageStatus } from '../../../hooks/resource/niximage.ts';
import { failures } from '../../hooks/support/failures.ts';
import { condition } from '../../hooks/support/status.ts';
import type { Cluster } from '../support/cluster.ts';

/** An image for each failure, by what was done; its manifest is another one, for the API server refuses some. */
const images = Object.entries(failures).map(([did, cause], index) => ({
  did,
  name: `image-${index}`,
  status: cause().status,
}));

/** What kubectl says of each status that docs/failures.md has of the hook; nothing else writes one here. */
export function toldCases(cluster: () => Cluster): void {
  let lines: readonly string[];
  let described: ReadonlyMap<string, string>;

  before(async () => {
    const { must } = cluster();
    const listOf = (more: (image: (typeof images)[number]) => object) => {
      const items = images.map((image) => ({
        apiVersion: 'k8s.nixos.org/v1',
        kind: 'NixImage',
        metadata: { name: image.name },
        data: { contents: ['curl'] },
        ...more(image),
      }));
      return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    };
    await must(
      ['create', '-f', '-'],
      listOf(() => ({})),
    );
    await must(
      ['replace', '--subresource=status', '-f', '-'],
      listOf(({ status }) => ({ status })),
    );
    lines = (await must(['get', 'niximages', '-o', 'wide'])).split('\n');
    const blocks = (await must(['describe', 'niximages'])).split(/^(?=Name: )/m);
    described = new Map(blocks.map((block) => [/^Name: +(\S+)/.exec(block)?.[1] ?? '', unfolded(block)]));
  });

  for (const { did, name, status } of images)
    test(`${did}: one line of kubectl get, and kubectl describe`, () => {
      const { reason, message } = condition(status, 'Ready');
      const line = lines.find((each) => each.startsWith(`${name} `));
      for (const said of [status?.state ?? '', reason, message])
        assert.ok(line?.includes(said), `${said} in ${line}`);
      const description = described.get(name) ?? '';
      for (const said of [`Reason: ${reason}`, `Message: ${message}`])
        assert.ok(description.includes(unfolded(said)), description);
    });

  test('kubectl wait ends where nothing goes on, and waits elsewhere', async () => {
    const isStalled = (status: ImageStatus | undefined) => condition(status, 'Stalled').status === 'True';
    const namesOf = (stalled: boolean) =>
      images.filter(({ status }) => isStalled(status) === stalled).map(({ name }) => `niximage/${name}`);
    assert.ok(namesOf(true).length > 0 && namesOf(false).length > 0);
    const { must } = cluster();
    await must(['wait', '--for=condition=Stalled', '--timeout=30s', ...namesOf(true)]);
    await must(['wait', '--for=condition=Stalled=False', '--timeout=30s', ...namesOf(false)]);
    await must(['wait', '--for=condition=Ready=False', '--timeout=30s', ...namesOf(true)]);
  });
}

/** kubectl breaks long lines, and puts spaces between a name and its value. */
function unfolded(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
