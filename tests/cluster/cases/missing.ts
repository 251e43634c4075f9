import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { makePlace, small } from './place.ts';

/** The site's settings let this one name Secrets. */
const place = 'missing';

/** What a builder's Pod mounts, and is not there. */
export function missingCases(site: () => Site): void {
  before(() => makePlace(site(), place));

  test('a claim for /nix: said so by name; the manifest corrected: Built', async () => {
    const image = imageOn(site(), 'claim', place);
    await image.apply({ ...small, nix: { claim: 'nobody-made' } });
    await image.untilReason('Unschedulable');
    assert.match(await image.message('Ready'), /persistentvolumeclaim "nobody-made" not found/);
    await image.apply(small);
    await image.wait('Ready');
  });

  test('a Secret: said so by name, and the builder starts when it is made', async () => {
    const image = imageOn(site(), 'secret', place);
    await image.apply({ ...small, secrets: { netrc: 'passwords' } });
    await image.untilReason('VolumeMissing');
    assert.match(await image.message('Ready'), /the Secret passwords \(data\.secrets\)/);
    const pods = await image.pods();
    const literal = '--from-literal=netrc=machine nowhere.invalid login a password b';
    await site().must(['create', 'secret', 'generic', 'passwords', '-n', place, literal]);
    await image.wait('Ready');
    assert.equal(pods.length, 1);
    assert.equal((await image.status()).build?.attempt, 1);
  });
}
