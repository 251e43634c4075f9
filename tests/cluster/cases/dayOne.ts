import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { gateIn, makePlace, small } from './place.ts';

const place = 'day-one';

/** What clusters have that other people run. */
export function dayOneCases(site: () => Site): void {
  before(() => makePlace(site(), place));

  test('a namespace with a quota takes the builder, and a service mesh leaves it alone', async () => {
    const most = 'requests.cpu=1,requests.memory=2Gi,limits.memory=2Gi,pods=5';
    await site().must(['create', 'quota', 'small', '-n', place, `--hard=${most}`]);
    const image = imageOn(site(), 'within-quota', place);
    const gate = gateIn(site(), place, 'within-quota');
    await image.apply({ ...small, extraCommands: gate.commands });
    const pod = await image.untilBuilding();
    const { metadata, spec } = JSON.parse(await site().must(['get', 'pod', pod, '-n', place, '-o', 'json']));
    assert.equal(metadata.annotations['sidecar.istio.io/inject'], 'false');
    assert.deepEqual(Object.keys(spec.containers[0].resources.limits).sort(), [
      'ephemeral-storage',
      'memory',
    ]);
    await gate.open();
    await image.wait('Ready');
    await site().must(['delete', 'quota', 'small', '-n', place]);
  });

  test('an architecture that no node has: said so; the wish withdrawn: Built', async () => {
    const image = imageOn(site(), 'elsewhere', place);
    await image.apply({ ...small, pod: { nodeSelector: { 'kubernetes.io/arch': 'riscv64' } } });
    await image.untilReason('Unschedulable');
    assert.match(await image.message('Ready'), /affinity\/selector/);
    await image.apply(small);
    await image.wait('Ready');
  });
}
