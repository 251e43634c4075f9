import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageOn, runInPod } from '../support/niximages.ts';
import { until } from '../support/processes.ts';
import type { Site } from '../support/site.ts';

/** From kubectl apply to a running Pod. */
export function buildCases(site: () => Site): void {
  test('the manifest of the README: BuildPending, Building, Built, and a Pod of it runs', async () => {
    const image = imageOn(site(), 'curl-and-jq');
    await image.apply({ tag: 'v1', contents: ['curl', 'jq', 'bash'] });
    const states: string[] = [];
    await until(
      async () => {
        const state = await image.get('{.status.state}');
        if (state !== '' && state !== states.at(-1)) states.push(state);
        return state === 'Built' || state === 'Failed';
      },
      120_000,
      () => image.explain(),
    );
    assert.deepEqual(states, ['BuildPending', 'Building', 'Built'], await image.explain());
    await image.wait('Ready');
    const output = await runInPod(site(), 'localhost:30500/curl-and-jq:v1', ['curl', '--version']);
    assert.match(output, /^curl /);
  });

  test('a typo: Failed with the attribute and what was meant; corrected: Built', async () => {
    const image = imageOn(site(), 'typo');
    await image.apply({ tag: 'v1', contents: ['crul'] });
    await image.wait('Stalled');
    assert.equal(await image.get('{.status.state}'), 'Failed');
    assert.equal(await image.get('{.status.failure.attribute}'), 'crul');
    assert.match(
      await image.get('{.status.conditions[?(@.type=="Stalled")].message}'),
      /did you mean curl\?/,
    );
    await image.apply({ tag: 'v1', contents: ['curl'] });
    await image.wait('Ready');
    await image.remove();
  });

  test('a second image of the same packages: no Pod but one, and the first one stays as it is', async () => {
    const first = imageOn(site(), 'curl-and-jq');
    const digest = await first.get('{.status.digest}');
    const second = imageOn(site(), 'shares');
    await second.apply({ tag: 'v1', contents: ['curl', 'bash'] });
    await second.wait('Ready');
    await second.remove();
    assert.equal(await served('shares/manifests/v1'), 404);
    assert.equal(await served(`curl-and-jq/manifests/${digest}`), 200);
    const output = await runInPod(site(), 'localhost:30500/curl-and-jq:v1', ['jq', '-n', '1+1']);
    assert.equal(output.trim(), '2');
  });

  test('a label of the object changed: nothing is built', async () => {
    const image = imageOn(site(), 'curl-and-jq');
    const build = await image.get('{.status.build}');
    await site().must(['label', 'niximage', 'curl-and-jq', 'team=a']);
    await until(async () => (await image.pods()).length === 0, 30_000);
    assert.equal(await image.get('{.status.build}'), build);
  });

  test('contents changed: the old image is served until the new one is there', async () => {
    const image = imageOn(site(), 'curl-and-jq');
    const old = await image.get('{.status.digest}');
    await image.apply({ tag: 'v1', contents: ['curl', 'jq', 'bash', 'hello'] });
    const statuses = new Set<number>();
    await until(
      async () => {
        statuses.add(await served('curl-and-jq/manifests/v1'));
        return (
          (await image.get('{.status.state}')) === 'Built' && (await image.get('{.status.digest}')) !== old
        );
      },
      120_000,
      () => image.explain(),
    );
    assert.deepEqual([...statuses], [200]);
    assert.equal(await image.get('{.status.build.ordinal}'), '2');
    assert.match(await runInPod(site(), 'localhost:30500/curl-and-jq:v1', ['hello']), /Hello/);
  });
}

/** The status that the registry answers on the NodePort of this node. */
async function served(path: string): Promise<number> {
  const headers = { accept: 'application/vnd.oci.image.manifest.v1+json' };
  const answer = await fetch(`http://localhost:30500/v2/${path}`, { headers });
  await answer.arrayBuffer();
  return answer.status;
}
