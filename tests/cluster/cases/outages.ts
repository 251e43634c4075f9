import assert from 'node:assert/strict';
import { rename, rm } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { type ImageHandle, imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { type Gate, gateIn, makePlace, podsEver, small } from './place.ts';
import { publishedImages } from './published.ts';
import { served } from './registry.ts';
import { untilAll } from './states.ts';

const keeper = ['-n', 'niximage-system', 'deployment/niximage-keeper'];
const system = ['-n', 'niximage-system', '-l'];
const metacontroller = ['-n', 'metacontroller', '--all'];

/** Parts that are away for a while, and nobody pulls through them: others may pull meanwhile. */
export function killCases(site: () => Site): void {
  const place = 'kills';
  before(() => makePlace(site(), place));

  killed(site, place, [
    { part: 'hook', words: [[...system, 'app.kubernetes.io/component=hook']] },
    { part: 'metacontroller', words: [metacontroller] },
  ]);

  test("the node's kubelet restarted while it builds: one Pod, Built", async () => {
    const { image, gate } = await building(site(), place, 'kubelet');
    await site().node.restartKubelet();
    await gate.open();
    await isBuiltOnce(site(), image);
  });

  test('a node lost, its Pod Terminating for good: the next attempt goes on under its own name', async () => {
    const { image, gate } = await building(site(), place, 'lost');
    const pod = `pod/${await image.get('{.status.build.pod}')}`;
    await site().node.withoutKubelet(async () => {
      await site().must(['delete', pod, '-n', place, '--wait=false']);
      await image.waitFor('jsonpath={.status.build.attempt}=2');
      const next = `pod/${await image.get('{.status.build.pod}')}`;
      assert.notEqual(next, pod);
      await site().must(['wait', '--for=create', '--timeout=60s', '-n', place, next]);
      const going = '-o=jsonpath={.metadata.deletionTimestamp}';
      assert.notEqual(
        await site().must(['get', pod, '-n', place, going]),
        '',
        'the first one is still there',
      );
    });
    await gate.open();
    await image.wait('Ready');
  });
}

/** Parts that are away for a while; whoever runs at the same time is hit too. */
export function outageCases(site: () => Site): void {
  const place = 'outages';
  before(() => makePlace(site(), place));

  killed(site, place, [
    { part: 'registry', words: [[...system, 'app.kubernetes.io/component in (keeper,registry)']] },
    { part: 'all', words: [[...system, 'app.kubernetes.io/name=niximage'], metacontroller] },
  ]);

  test("an image's files removed by hand: built again within the resync period", async () => {
    const image = imageOn(site(), 'files', place);
    await image.apply(small);
    await image.wait('Ready');
    const digest = await image.get('{.status.digest}');
    await rm(`${site().volume}/${place}/images/files`, { recursive: true });
    await image.waitFor('jsonpath={.status.build.ordinal}=2');
    await image.wait('Ready');
    assert.deepEqual(await served(`${place}/files/manifests/v1`), { status: 200, digest });
    assert.equal((await podsEver(site(), place, 'files')).length, 2);
  });

  describe('50 images are Built', () => {
    before(async () => {
      await makePlace(site(), 'many');
      await publishedImages(site(), 'many', 50);
    });

    const rows = [
      {
        reason: 'the volume is empty, as where it is not mounted',
        leave: () => rename(`${site().volume}/_marker.json`, `${site().volume}/_marker.away`),
        comeBack: () => rename(`${site().volume}/_marker.away`, `${site().volume}/_marker.json`),
      },
      {
        reason: 'the keeper is away',
        leave: () => site().must(['scale', '--replicas=0', ...keeper]),
        comeBack: () => site().must(['scale', '--replicas=1', ...keeper]),
      },
    ];
    for (const { reason, leave, comeBack } of rows)
      test(`${reason}: unknown, no Pod, and all is well when it is back`, async () => {
        await leave();
        await untilAll(site(), 'many', 51, 'Unknown');
        const states = await site().must([
          'get',
          'niximages',
          '-n',
          'many',
          '-o=jsonpath={.items[*].status.state}',
        ]);
        await comeBack();
        assert.deepEqual([...new Set(states.split(' '))], ['Built']);
        await untilAll(site(), 'many', 51, 'True');
        assert.deepEqual(await podsEver(site(), 'many', 'published-[0-9]+'), []);
      });
  });
}

function killed(
  site: () => Site,
  place: string,
  rows: readonly { readonly part: string; readonly words: readonly (readonly string[])[] }[],
): void {
  describe('killed while a build ends: nothing is built twice, nothing is lost', () => {
    for (const { part, words } of rows)
      test(part, async () => {
        const { image, gate } = await building(site(), place, `kill-${part}`);
        for (const which of words)
          await site().must(['delete', 'pods', ...which, '--grace-period=0', '--force', '--wait=false']);
        await gate.open();
        await isBuiltOnce(site(), image);
      });
  });
}

async function building(
  site: Site,
  place: string,
  name: string,
): Promise<{ readonly image: ImageHandle; readonly gate: Gate }> {
  const [image, gate] = [imageOn(site, name, place), gateIn(site, place, name)];
  await image.apply({ ...small, extraCommands: gate.commands });
  await image.waitFor('jsonpath={.status.state}=Building');
  return { image, gate };
}

async function isBuiltOnce(site: Site, image: ImageHandle): Promise<void> {
  await image.wait('Ready');
  const path = '{.status.build.ordinal} {.status.build.attempt}';
  assert.equal(await image.get(path), '1 1', await image.explain());
  assert.equal((await podsEver(site, image.namespace, image.name)).length, 1);
}
