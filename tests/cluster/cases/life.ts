import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type ImageHandle, imageOn } from '../support/niximages.ts';
import { until } from '../support/processes.ts';
import type { Site } from '../support/site.ts';
import { gateIn, makePlace, podsEver, small } from './place.ts';
import { served } from './registry.ts';

const place = 'life';
const system = ['-n', 'niximage-system'];

/** A controller that goes, an upgrade, and the end; what it takes away is gone for the cases after it. */
export function lifeCases(site: () => Site): void {
  before(() => makePlace(site(), place));

  const isGone = (...objects: readonly string[]) =>
    site().must(['wait', '--for=delete', '--timeout=60s', '-n', place, ...objects]);
  /** As docs/cluster.md says it. */
  const freeByHand = async (name: string) => {
    const patch = '[{"op": "remove", "path": "/metadata/finalizers"}]';
    await site().must(['patch', `niximage/${name}`, '-n', place, '--type=json', `--patch=${patch}`]);
  };
  const isKept = async (image: ImageHandle) => {
    await site().must(['delete', 'niximage', image.name, '-n', place, '--wait=false']);
    const { metadata } = await image.read();
    assert.notEqual(metadata.deletionTimestamp, undefined);
    assert.deepEqual(metadata.finalizers, ['metacontroller.io/compositecontroller-niximages']);
  };

  test('the controller removed first: an image goes by hand with its children, or when it is back', async () => {
    const [byHand, waiting] = [imageOn(site(), 'by-hand', place), imageOn(site(), 'waiting', place)];
    const { commands } = gateIn(site(), place, 'by-hand');
    await waiting.apply(small);
    await waiting.wait('Ready');
    await byHand.apply({ ...small, extraCommands: commands });
    const pod = await byHand.untilBuilding();
    await site().must(['delete', 'compositecontroller', 'niximages']);
    await isKept(byHand);
    await isKept(waiting);
    await freeByHand('by-hand');
    await isGone('niximage/by-hand', `pod/${pod}`, `configmap/${pod.replace(/-1$/, '')}`);
    await site().must(['apply', '--server-side', '-k', site().overlay]);
    await isGone('niximage/waiting');
    assert.equal((await served(`${place}/waiting/manifests/v1`)).status, 404);
  });

  test('a new version with other builders: an image that is Built stays, and one that builds keeps its Pod', async () => {
    const [built, building] = [imageOn(site(), 'built', place), imageOn(site(), 'building', place)];
    const gate = gateIn(site(), place, 'building');
    await built.apply(small);
    await built.wait('Ready');
    // It is served a moment before its Pod ends, which the status says too.
    await built.until(({ build }) => build?.finishedAt !== undefined);
    await building.apply({ ...small, extraCommands: gate.commands });
    await building.untilBuilding();
    const then = [(await built.status()).build, (await building.status()).build];
    const builders = [
      'NIXIMAGE_BUILDER_IMAGE=docker.io/library/niximage:next',
      'NIXIMAGE_BUILDER_MEMORY=2Gi',
    ];
    await site().must(['set', 'env', 'deployment/niximage-hook', ...system, ...builders]);
    for (const part of ['keeper', 'registry'])
      await site().must(['rollout', 'restart', `deployment/niximage-${part}`, ...system]);
    for (const part of ['hook', 'keeper', 'registry'])
      await site().must(['rollout', 'status', `deployment/niximage-${part}`, ...system, '--timeout=120s']);
    const now = [(await built.status()).build, (await building.status()).build];
    assert.deepEqual(now, then);
    await gate.open();
    await building.wait('Ready');
    await built.wait('Ready');
    for (const image of [built, building])
      assert.equal((await podsEver(site(), place, image.name)).length, 1, image.name);
  });

  test('uninstalled in the documented order: nothing of it is left but the volume', async () => {
    await site().must(['delete', 'niximages', '--all', '--all-namespaces', '--timeout=120s']);
    await site().must(['label', 'namespaces', '--all', 'k8s.nixos.org/images-']);
    await until(
      async () =>
        (await site().must(['get', 'pvc', '--all-namespaces', '-o', 'name'])).trim().split('\n').length === 1,
      60_000,
      () => site().must(['get', 'pvc,pv', '--all-namespaces']),
    );
    await site().must(['delete', '--ignore-not-found', '-k', site().overlay, '--timeout=120s']);
    const left = await site().must([
      'get',
      'pv,clusterroles,crd',
      '-l',
      'app.kubernetes.io/name=niximage',
      '-o',
      'name',
    ]);
    assert.equal(left, '');
  });
}
