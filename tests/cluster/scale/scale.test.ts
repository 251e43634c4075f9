import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { neededFlags } from '../../../cli/doctor/checks/metacontroller.ts';
import { metacontrollerProgram } from '../support/metacontroller.ts';
import { until } from '../support/processes.ts';
import { peak, placesOff } from './order.ts';
import { numbered, type Plane, startPlane } from './plane.ts';

const skip = metacontrollerProgram === undefined ? 'METACONTROLLER names no Metacontroller to run' : false;
const builds = 10;
const workers = Number(neededFlags.find(({ name }) => name === '--workers')?.least);

describe('many images on a real control plane, with nodes that only say that they build', { skip }, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane({
      metacontroller: metacontrollerProgram ?? '',
      buildTime: 2000,
      settings: { NIXIMAGE_BUILDS: String(builds), NIXIMAGE_BUILD_PATIENCE: '30s' },
    });
    await plane.enable('many');
    await plane.enable('one');
  });
  after(() => plane?.close());

  const syncs = (): Promise<number> => plane.hookMetric('niximage_syncs_total');

  test('200 at once: never more than 10 build, first come first served, all are Built', async (t) => {
    const already = await syncs();
    await plane.apply('many', numbered('image', 200));
    const said = /"message":"the build waits for its turn: it is number \d+ of the \d+ that wait"/;
    await until(async () => said.test(JSON.stringify(await plane.images('many'))), 30_000);
    await plane.built('many', 200, 300_000);
    const { runs } = plane.nodes;
    assert.equal(runs.length, 200, 'each is built once');
    assert.ok(peak(runs) <= builds, `${peak(runs)} at once`);
    const order = runs.map(({ image }) => image);
    const off = placesOff(order, await plane.images('many'));
    // The queue lets no more than `builds` go before one; Metacontroller's workers may bring them to it in another order.
    assert.ok(off <= builds + workers, `one was overtaken by ${off} that were made in a later second`);
    const each = ((await syncs()) - already) / 200;
    const seconds = ((runs.at(-1)?.endedAt ?? 0) - (runs[0]?.startedAt ?? 0)) / 1000;
    t.diagnostic(
      `${each} syncs an image; one was overtaken by ${off}; ${seconds} s from the first Pod to the last`,
    );
    assert.ok(each <= 40, `${each} syncs an image`);
    const { status } = await fetch(`${plane.registryUrl}/v2/many/image-000/manifests/latest`);
    assert.equal(status, 200, 'the registry serves what was built');
  });

  test('an image that is Built causes one sync a resync period, and no more', async (t) => {
    // 120 s, as the manifest has it, would be too long to wait for.
    const period = 10;
    await plane.resyncEvery(period);
    const started = await syncs();
    await until(async () => (await syncs()) >= started + 200, 60_000);
    const already = await syncs();
    await delay(2 * period * 1000);
    const each = ((await syncs()) - already) / 200;
    t.diagnostic(`${each} syncs an image in two periods`);
    // Any stretch of two periods holds three of what comes once a period, at the most.
    assert.ok(each >= 1 && each <= 3, `${each} syncs an image in two periods`);
    await plane.resyncEvery(120);
  });

  test('four Pods that cannot be scheduled do not hold up the rest, though there are four slots', async () => {
    await plane.restartKeeper({ NIXIMAGE_BUILDS: '4', NIXIMAGE_BUILD_PATIENCE: '5s' });
    const nowhere = numbered('nowhere', 4);
    await plane.apply('one', nowhere, { pod: { nodeSelector: { nowhere: 'at-all' } } });
    await until(async () => (await plane.keeperMetric('niximage_builds_building')) === 4, 30_000);
    await plane.apply('one', numbered('here', 20));
    await plane.built('one', 20, 180_000);
    for (const { metadata, status } of await plane.images('one'))
      assert.equal(
        status?.['state'],
        nowhere.includes(metadata.name) ? 'BuildPending' : 'Built',
        metadata.name,
      );
    await plane.cluster.must(['delete', 'niximages', '-n', 'one', '--all', '--timeout=60s']);
  });

  test('a node lost with its Pod Terminating: the next attempt goes on elsewhere, under its own name', async () => {
    const [gone, ...others] = ['fake-2', 'fake-0', 'fake-1'];
    await plane.cluster.must(['cordon', ...others]);
    plane.nodes.lose(gone);
    await plane.apply('one', ['lost']);
    const says = async (text: string): Promise<boolean> =>
      JSON.stringify(await plane.images('one')).includes(text);
    await until(() => says('"state":"Building"'), 60_000);
    await plane.cluster.must(['uncordon', ...others]);
    // As the controller of nodes says it, 40 s after it heard of the node last.
    const condition = { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' };
    const patch = JSON.stringify({ status: { conditions: [condition] } });
    await plane.cluster.must(['patch', 'node', gone, '--subresource=status', `--patch=${patch}`]);
    await until(
      async () => (await plane.cluster.must(['get', 'node', gone, '-o', 'yaml'])).includes('unreachable'),
      30_000,
    );
    const pods = async (path: string): Promise<string[]> => {
      const rows = `jsonpath={range .items[*]}${path}{"\\n"}{end}`;
      return (await plane.cluster.must(['get', 'pods', '-n', 'one', '-o', rows])).trim().split('\n');
    };
    const [first = ''] = await pods('{.metadata.name} {.spec.nodeName}');
    assert.match(first, / fake-2$/);
    await plane.cluster.must(['delete', 'pods', '-n', 'one', '--all', '--wait=false']);
    let both: readonly string[] = [];
    await until(async () => {
      both = await pods('{.metadata.name} {.spec.nodeName} {.metadata.deletionTimestamp}');
      return both.filter((line) => line.includes(' fake-')).length === 2;
    }, 60_000);
    assert.ok(
      both.some((line) => line.startsWith(`${first} 2`)),
      'the first one is there still, and goes',
    );
    const second = both.find((line) => !line.startsWith(first));
    assert.match(second ?? '', /-2 fake-[01]$/);
    await plane.built('one', 1, 60_000);
    assert.ok(await says('"attempt":2'));
    await plane.cluster.must(['delete', 'pods', '-n', 'one', '--all', '--grace-period=0', '--force']);
    await plane.cluster.must(['delete', 'niximages', '-n', 'one', '--all', '--timeout=60s']);
  });

  test("one team's 500 images do not hold up another's one", async (t) => {
    await plane.restartKeeper({});
    await plane.apply('many', numbered('more', 500));
    await until(async () => (await plane.keeperMetric('niximage_builds_waiting')) > 100, 60_000);
    const already = plane.nodes.runs.length;
    await plane.apply('one', ['alone']);
    await plane.built('one', 1, 180_000);
    const place = plane.nodes.runs.findIndex(({ image }) => image === 'alone') - already;
    t.diagnostic(`${place} others were started before it`);
    // It comes into Metacontroller's own queue behind them, though not into ours.
    assert.ok(place <= 100, `${place} others were started before it`);
  });
});
