import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { test } from 'node:test';
import type { Site } from '../support/site.ts';
import { podsEver } from './place.ts';
import { published } from './published.ts';
import { untilAll } from './states.ts';

/** The volume of all namespaces; the images are those of keeper.ts. */
export function volumeCases(site: () => Site): void {
  test('it is empty, as where it is not mounted: no image is known to be Ready, no Pod, and all is well when it is back', async () => {
    const [there, away] = [`${site().volume}/_marker.json`, `${site().volume}/_marker.away`];
    await rename(there, away);
    await untilAll(site(), published, 'Unknown');
    await rename(away, there);
    await untilAll(site(), published, 'True');
    assert.deepEqual(await podsEver(site(), published.place, published.pods), []);
    // kubectl, which the last case uses, deletes five in a second.
    await site().api.remove(`/apis/k8s.nixos.org/v1/namespaces/${published.place}/niximages`);
  });
}
