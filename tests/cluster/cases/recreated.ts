import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { makePlace, small } from './place.ts';
import { served } from './registry.ts';

const place = 'again';

/** A namespace that goes while the keeper is away, and one of its name that comes after it. */
export function recreatedCases(site: () => Site): void {
  test('a namespace that goes takes its images and its volume along, though the keeper is away', async () => {
    await makePlace(site(), place);
    const image = imageOn(site(), 'stays', place);
    await image.apply(small);
    await image.wait('Ready');
    const keeper = ['-n', 'niximage-system', 'deployment/niximage-keeper'];
    await site().must(['scale', '--replicas=0', ...keeper]);
    await site().must(['delete', 'namespace', place, '--timeout=60s']);
    await site().must(['scale', '--replicas=1', ...keeper]);
    await site().must(['rollout', 'status', '--timeout=60s', ...keeper]);
    const volume = ['wait', '--for=delete', '--timeout=30s', `pv/niximage-namespace-${place}`];
    await site().must(volume);
  });

  test('made again by others, the namespace inherits nothing', async () => {
    await makePlace(site(), place);
    assert.equal((await served(`${place}/stays/manifests/v1`)).status, 404);
    const uid = await site().must(['get', 'namespace', place, '-o', 'jsonpath={.metadata.uid}']);
    const tree = `${site().volume}/${place}`;
    assert.equal(JSON.parse(await readFile(`${tree}/_namespace.json`, 'utf8')).uid, uid);
    for (const folder of ['images', 'blobs/sha256', 'layers'])
      assert.deepEqual(await readdir(`${tree}/${folder}`), [], folder);
    const image = imageOn(site(), 'stays', place);
    await image.apply(small);
    await image.wait('Ready');
    assert.equal(await image.get('{.status.build.ordinal}'), '1');
    assert.equal((await served(`${place}/stays/manifests/v1`)).status, 200);
  });
}
