import assert from 'node:assert/strict';
import { access, rm } from 'node:fs/promises';
import { before, test } from 'node:test';
import { imageOn } from '../support/niximages.ts';
import { until } from '../support/processes.ts';
import type { Site } from '../support/site.ts';
import { gateIn, makePlace, podsEver, small } from './place.ts';
import { layersOf, served } from './registry.ts';

const place = 'deletion';

/** What goes with an image, and what stays. */
export function deletionCases(site: () => Site): void {
  before(() => makePlace(site(), place));

  test('tag and manifests go; an image that shares layers is untouched, and the blobs wait for the collector', async () => {
    const [one, other] = [imageOn(site(), 'one', place), imageOn(site(), 'other', place)];
    await one.apply(small);
    await one.wait('Ready');
    await other.apply({ ...small, contents: ['"my.pkg"', 'tools.cli'] });
    await other.wait('Ready');
    const [digest, layers] = [(await one.status()).digest, await layersOf(`${place}/one`, 'v1')];
    const shared = await layersOf(`${place}/other`, 'v1');
    assert.ok(layers.some((layer) => shared.includes(layer)));
    await one.remove();
    assert.equal((await served(`${place}/one/manifests/v1`)).status, 404);
    // It was read a moment ago, and what a digest names is served from memory for a second.
    await until(async () => (await served(`${place}/one/manifests/${digest}`)).status === 404, 5000);
    assert.equal((await served(`${place}/other/manifests/v1`)).status, 200);
    for (const layer of shared)
      assert.equal((await served(`${place}/other/blobs/${layer}`)).status, 200, layer);
    for (const layer of layers) await access(blobFile(site(), layer));
    assert.equal(await childrenOf(site(), 'one'), '');
  });

  test('while it is built: Pod and ConfigMap go, and nothing is published afterwards', async () => {
    const image = imageOn(site(), 'half', place);
    const gate = gateIn(site(), place, 'half');
    await image.apply({ ...small, extraCommands: gate.commands });
    await image.untilBuilding();
    assert.match(await childrenOf(site(), 'half'), /configmap\/half-.*\npod\/half-/);
    await image.remove();
    assert.equal(await childrenOf(site(), 'half'), '');
    await gate.open();
    assert.equal((await served(`${place}/half/manifests/v1`)).status, 404);
  });

  test("an image's files removed by hand: built again within the resync period", async () => {
    const image = imageOn(site(), 'files', place);
    await image.apply(small);
    await image.wait('Ready');
    const { digest = '' } = await image.status();
    // Until then a Pod that ended well a moment ago may be ahead of what is served.
    await image.untilNoPods();
    await rm(`${site().volume}/${place}/images/files`, { recursive: true });
    await image.until(({ build }) => build?.ordinal === 2);
    await image.wait('Ready');
    assert.deepEqual(await served(`${place}/files/manifests/v1`), { status: 200, digest });
    assert.equal((await podsEver(site(), place, 'files')).length, 2);
  });
}

function blobFile(site: Site, digest: string): string {
  return `${site.volume}/${place}/blobs/${digest.replace(':', '/')}`;
}

function childrenOf(site: Site, image: string): Promise<string> {
  return site.must([
    'get',
    'configmaps,pods',
    '-n',
    place,
    '-l',
    `k8s.nixos.org/image=${image}`,
    '-o',
    'name',
  ]);
}
