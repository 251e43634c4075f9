import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageOn } from '../support/niximages.ts';
import { until } from '../support/processes.ts';
import type { Site } from '../support/site.ts';

const data = { tag: 'v1', contents: ['hello'] };
const system = ['-n', 'niximage-system'];

/** An upgrade, and the end; what it takes away is gone for the cases after it. */
export function lifeCases(site: () => Site): void {
  test('new versions of hook, keeper and registry over a Built image: no Pod, and it stays Built', async () => {
    const image = imageOn(site(), 'stays');
    await image.apply(data);
    await image.wait('Ready');
    await until(
      async () => (await image.pods()).length === 0,
      30_000,
      () => image.explain(),
    );
    const build = await image.get('{.status.build}');
    for (const part of ['hook', 'keeper', 'registry'])
      await site().must(['rollout', 'restart', `deployment/niximage-${part}`, ...system]);
    for (const part of ['hook', 'keeper', 'registry'])
      await site().must(['rollout', 'status', `deployment/niximage-${part}`, ...system, '--timeout=120s']);
    await site().must(['annotate', 'niximage', 'stays', 'test=look']);
    await image.wait('Ready');
    assert.equal(await image.get('{.status.build}'), build);
    assert.deepEqual(await image.pods(), []);
  });

  test('a namespace with a quota takes the builder', async () => {
    const quota = [
      'create',
      'quota',
      'small',
      '--hard=requests.cpu=1,requests.memory=2Gi,limits.memory=2Gi,pods=5',
    ];
    await site().must(quota);
    const image = imageOn(site(), 'within-quota');
    await image.apply(data);
    await image.wait('Ready');
    await image.remove();
    await site().must(['delete', 'quota', 'small']);
  });

  test('uninstalled in the documented order: nothing of it is left but the volume', async () => {
    await site().must(['delete', 'niximages', '--all', '--all-namespaces', '--timeout=60s']);
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

  test('removed in the wrong order: an object that is stuck goes by the documented way', async () => {
    await site().must([
      'apply',
      '--server-side',
      '-f',
      `${site().overlay}/../../crd/niximages.k8s.nixos.org.yaml`,
    ]);
    await until(async () => (await site().kubectl(['get', 'niximages'])).exitCode === 0, 30_000);
    const finalizers = ['metacontroller.io/compositecontroller-niximages'];
    const stuck = {
      apiVersion: 'k8s.nixos.org/v1',
      kind: 'NixImage',
      metadata: { name: 'stuck', namespace: 'default', finalizers },
      data,
    };
    await site().must(['apply', '-f', '-'], JSON.stringify(stuck));
    await site().must(['delete', 'niximage', 'stuck', '--wait=false']);
    assert.equal(await imageOn(site(), 'stuck').get('{.metadata.name}'), 'stuck');
    const patch = '[{"op":"remove","path":"/metadata/finalizers"}]';
    await site().must(['patch', 'niximage', 'stuck', '--type=json', `--patch=${patch}`]);
    assert.equal(await imageOn(site(), 'stuck').get('{.metadata.name}'), '');
  });
}
