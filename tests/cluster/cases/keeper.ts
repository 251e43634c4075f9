import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { makePlace, podsEver, small } from './place.ts';
import { published, publishImages } from './published.ts';
import { served } from './registry.ts';
import { untilAll } from './states.ts';

const place = 'again';
const keeper = ['-n', 'niximage-system', 'deployment/niximage-keeper'];

/** The keeper is away for a while, and comes back; who builds meanwhile waits for it. */
export function keeperCases(site: () => Site): void {
  const prepare = async () => {
    await makePlace(site(), place);
    const images = ['same', 'old'].map((name) => imageOn(site(), name, place));
    for (const image of images) await image.apply(small);
    for (const image of images) await image.wait('Ready');
  };
  before(async () => {
    await Promise.all([publishImages(site()), prepare()]);
    await site().must(['scale', '--replicas=0', ...keeper]);
  });

  describe('while it is away', { concurrency: 2 }, () => {
    test('images that are Built stay so, are not known to be Ready, and get no Pod', async () => {
      await untilAll(site(), published, 'Unknown');
      const states = ['get', 'niximages', '-n', published.place, '-o=jsonpath={.items[*].status.state}'];
      assert.deepEqual([...new Set((await site().must(states)).split(' '))], ['Built']);
      assert.deepEqual(await podsEver(site(), published.place, published.pods), []);
    });

    test('a namespace that is deleted goes, and its images with it', async () => {
      await site().must(['delete', 'namespace', place, '--timeout=60s']);
    });
  });

  describe('when it is back', { concurrency: 2 }, () => {
    before(async () => {
      await site().must(['scale', '--replicas=1', ...keeper]);
      await site().must(['rollout', 'status', '--timeout=60s', ...keeper]);
    });

    test('they are Ready again, without a Pod', async () => {
      await untilAll(site(), published, 'True');
      assert.deepEqual(await podsEver(site(), published.place, published.pods), []);
    });

    test("the namespace's volume goes; made again by others, it inherits nothing", async () => {
      const volume = `pv/niximage-namespace-${place}`;
      await site().must(['wait', '--for=delete', '--timeout=30s', volume]);
      await makePlace(site(), place);
      const uid = await site().must(['get', 'namespace', place, '-o', 'jsonpath={.metadata.uid}']);
      const tree = `${site().volume}/${place}`;
      assert.equal(JSON.parse(await readFile(`${tree}/_namespace.json`, 'utf8')).uid, uid);
      for (const folder of ['images', 'blobs/sha256', 'layers'])
        assert.deepEqual(await readdir(`${tree}/${folder}`), [], folder);
      const image = imageOn(site(), 'same', place);
      await image.apply(small);
      await image.wait('Ready');
      assert.equal((await image.status()).build?.ordinal, 1);
    });
  });
}

/** What the registry serves then, as soon as there is one again. */
export function servedAgainCases(): void {
  test('of a namespace made again by others what they built is served, and nothing of before', async () => {
    assert.equal((await served(`${place}/same/manifests/v1`)).status, 200);
    assert.equal((await served(`${place}/old/manifests/v1`)).status, 404);
  });
}
