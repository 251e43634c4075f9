import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { gateIn, makePlace, podsEver, small } from './place.ts';
import { keepAsking, served } from './registry.ts';

const place = 'changes';

/** Contents that change, and that change back. */
export function changeCases(site: () => Site): void {
  before(() => makePlace(site(), place));
  let first: string | undefined;

  test('contents changed: the old image is served until the new one is there; one Pod more, one build', async () => {
    const image = imageOn(site(), 'app', place);
    await image.apply(small);
    await image.wait('Ready');
    first = (await image.status()).digest;
    const gate = gateIn(site(), place, 'app');
    const stop = keepAsking(`${place}/app/manifests/v1`);
    await image.apply({ ...small, contents: ['"my.pkg"', 'tools.cli'], extraCommands: gate.commands });
    await image.untilBuilding();
    assert.ok((await image.status()).imageRef?.endsWith(`@${first}`));
    await gate.open();
    await image.wait('Ready');
    const { digest } = await image.status();
    const last = await served(`${place}/app/manifests/v1`);
    const answers = [...(await stop()), last];
    assert.deepEqual(
      answers.map((each) => each.status).filter((status) => status !== 200),
      [],
    );
    assert.deepEqual([...new Set(answers.map((each) => each.digest))], [first, digest]);
    assert.equal((await served(`${place}/app/manifests/${first}`)).status, 200, 'by its digest');
    assert.equal((await podsEver(site(), place, 'app')).length, 2);
    assert.equal((await image.status()).build?.ordinal, 2);
  });

  test('a label changed: no build; changed back to the first contents: the tag is the first image again', async () => {
    const image = imageOn(site(), 'app', place);
    await site().must(['label', 'niximage', 'app', '-n', place, 'team=a']);
    // It is seen after the label: a build that the label began would be the third.
    await image.apply(small);
    await image.until(({ build }) => build?.ordinal === 3);
    await image.wait('Ready');
    assert.equal((await image.status()).digest, first);
    assert.equal((await served(`${place}/app/manifests/v1`)).digest, first);
    assert.equal((await podsEver(site(), place, 'app')).length, 3);
  });

  test('an old builder that finishes after the new one: the new image stays', async () => {
    const image = imageOn(site(), 'late', place);
    const gate = gateIn(site(), place, 'late');
    await image.apply({ ...small, extraCommands: gate.commands });
    await copyBuilder(site(), await image.untilBuilding(), 'copy');
    await image.apply({ ...small, contents: ['tools.cli'] });
    await image.wait('Ready');
    const { digest } = await image.status();
    await gate.open();
    const ended = 'jsonpath={.status.containerStatuses[0].state.terminated.reason}';
    await site().must(['wait', `--for=${ended}`, '--timeout=120s', '-n', place, 'pod/copy']);
    const message = '-o=jsonpath={.status.containerStatuses[0].state.terminated.message}';
    const report = JSON.parse(await site().must(['get', 'pod', 'copy', '-n', place, message]));
    await site().must(['delete', 'pod', 'copy', '-n', place]);
    assert.equal((await served(`${place}/late/manifests/v1`)).digest, digest, JSON.stringify(report));
    assert.equal(report.result === 'Built' || report.reason === 'Superseded', true, JSON.stringify(report));
    assert.equal((await image.status()).digest, digest);
  });
}

/** A builder with the very order of another, that nobody ends: as one whose node is out of reach. */
async function copyBuilder(site: Site, pod: string, name: string): Promise<void> {
  const get = async (kind: string, which: string) =>
    JSON.parse(await site.must(['get', kind, which, '-n', place, '-o', 'json']));
  const { spec } = await get('pod', pod);
  const map = spec.volumes.find((volume: { name: string }) => volume.name === 'expression');
  const { data } = await get('configmap', map.configMap.name);
  map.configMap.name = name;
  const metadata = { name, namespace: place };
  await site.must(
    ['apply', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }),
  );
  await site.must(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }));
  await site.must(['wait', '--for=condition=Ready', '--timeout=60s', '-n', place, `pod/${name}`]);
}
