import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type ImageHandle, imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { type Gate, gateIn, makePlace, podsEver, small } from './place.ts';

const place = 'kills';
const ours = (selector: string): readonly string[] => ['-n', 'niximage-system', '-l', selector];
const component = (names: string): readonly string[] => ours(`app.kubernetes.io/component in (${names})`);
const metacontroller = ['-n', 'metacontroller', '--all'];

/** What is away for a moment while a build ends, and nobody pulls through it: others may pull meanwhile. */
export function killCases(site: () => Site): void {
  before(() => makePlace(site(), place));

  killed(site, [
    { part: 'hook', pods: [component('hook')] },
    { part: 'metacontroller', pods: [metacontroller] },
  ]);

  test("the node's kubelet restarted while it builds: one Pod, Built", async () => {
    const { image, gate } = await building(site(), 'kubelet');
    await site().node.restartKubelet();
    await gate.open();
    await isBuiltOnce(site(), image);
  });

  test('a node lost, its Pod Terminating for good: the next attempt goes on under its own name', async () => {
    const { image, gate, pod } = await building(site(), 'lost');
    await site().node.withoutKubelet(async () => {
      await site().must(['delete', 'pod', pod, '-n', place, '--wait=false']);
      const { build } = await image.until((status) => status.build?.attempt === 2);
      const next = build?.pod ?? '';
      assert.notEqual(next, pod);
      await site().must(['wait', '--for=create', '--timeout=60s', '-n', place, `pod/${next}`]);
      const going = '-o=jsonpath={.metadata.deletionTimestamp}';
      assert.notEqual(
        await site().must(['get', 'pod', pod, '-n', place, going]),
        '',
        'the first one is still there',
      );
    });
    await gate.open();
    await image.wait('Ready');
  });
}

/** The same, where nobody can pull meanwhile. It comes after `killCases`. */
export function registryKillCases(site: () => Site): void {
  killed(site, [
    { part: 'registry', pods: [component('keeper,registry')] },
    { part: 'all', pods: [ours('app.kubernetes.io/name=niximage'), metacontroller] },
  ]);
}

function killed(
  site: () => Site,
  rows: readonly { readonly part: string; readonly pods: readonly (readonly string[])[] }[],
): void {
  describe('killed while a build ends: nothing is built twice, nothing is lost', () => {
    for (const { part, pods } of rows)
      test(part, async () => {
        const { image, gate } = await building(site(), `kill-${part}`);
        for (const which of pods)
          await site().must(['delete', 'pods', ...which, '--grace-period=0', '--force', '--wait=false']);
        await gate.open();
        await isBuiltOnce(site(), image);
      });
  });
}

async function building(
  site: Site,
  name: string,
): Promise<{ readonly image: ImageHandle; readonly gate: Gate; readonly pod: string }> {
  const [image, gate] = [imageOn(site, name, place), gateIn(site, place, name)];
  await image.apply({ ...small, extraCommands: gate.commands });
  return { image, gate, pod: await image.untilBuilding() };
}

async function isBuiltOnce(site: Site, image: ImageHandle): Promise<void> {
  const { ordinal, attempt } = (await image.wait('Ready')).build ?? {};
  if (ordinal !== 1 || attempt !== 1) assert.fail(await image.explain());
  assert.equal((await podsEver(site, image.namespace, image.name)).length, 1);
}
