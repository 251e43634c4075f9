import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { makePlace, small } from './place.ts';
import { served } from './registry.ts';

/** What a builder of `red` tries against `blue`; it fails where anything of it succeeds. */
const theft = `
store=/niximage/store
if ls "$store/../blue" 2> /dev/null; then echo 'blue can be seen'; exit 1; fi
if touch "$store/../anything" 2> /dev/null; then echo 'the folder above can be written'; exit 1; fi
ln -s ../../blue/images/secret "$store/images/relative"
ln -s /var/lib/niximage/store/blue/images/secret "$store/images/absolute"
mkdir -p "$store/images/inner/tags/v1"
ln -s ../../../../blue/images/secret/manifests "$store/images/inner/manifests"
`;

/** Two teams, each with a namespace. */
export function teamCases(site: () => Site): void {
  before(async () => {
    await makePlace(site(), 'red');
    await makePlace(site(), 'blue');
  });

  test("a builder neither reads nor overwrites another namespace's images, nor has the registry do it", async () => {
    const [secret, thief] = [imageOn(site(), 'secret', 'blue'), imageOn(site(), 'thief', 'red')];
    await secret.apply(small);
    await secret.wait('Ready');
    const { digest } = await secret.status();
    await thief.apply({ ...small, extraCommands: theft });
    await thief.wait('Ready');
    for (const path of ['relative/manifests/v1', 'absolute/manifests/v1', `inner/manifests/${digest}`])
      assert.equal((await served(`red/${path}`)).status, 404, path);
    assert.deepEqual(await served('blue/secret/manifests/v1'), { status: 200, digest });
  });
}
