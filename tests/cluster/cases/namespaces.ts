import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageOn } from '../support/niximages.ts';
import { until } from '../support/processes.ts';
import type { Site } from '../support/site.ts';
import { claimOf, gateIn, makePlace, small, untilBound } from './place.ts';

/** Namespaces, their label and their volumes. */
export function namespaceCases(site: () => Site): void {
  test('an image in a namespace without the label says so', async () => {
    await site().must(['create', 'namespace', 'team']);
    const image = imageOn(site(), 'hello', 'team');
    await image.apply(small);
    await image.untilReason('NamespaceNotEnabled');
    const command = /kubectl label namespace team k8s\.nixos\.org\/images=enabled/;
    assert.match(await image.message('Ready'), command);
  });

  test('labelled, it is Built', async () => {
    await site().must(['label', 'namespace', 'team', 'k8s.nixos.org/images=enabled']);
    await imageOn(site(), 'hello', 'team').wait('Ready');
  });

  test("what a namespace's Pods see of the volume is their own tree, and nothing above it", async () => {
    const script =
      'cat /store/_namespace.json; ls /store/..; ls /store/../default /store/../team 2>&1 || true';
    const store = { name: 'store', persistentVolumeClaim: { claimName: 'niximage-store' } };
    const container = {
      name: 'look',
      image: 'docker.io/library/niximage:0.1.0',
      command: ['sh', '-c', script],
      volumeMounts: [{ name: 'store', mountPath: '/store' }],
    };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'look', namespace: 'team' },
      spec: { restartPolicy: 'Never', containers: [container], volumes: [store] },
    };
    await site().must(['apply', '-f', '-'], JSON.stringify(pod));
    const done = [
      'wait',
      '--for=jsonpath={.status.phase}=Succeeded',
      '--timeout=60s',
      'pod/look',
      '-n',
      'team',
    ];
    await site().must(done);
    const seen = await site().must(['logs', 'look', '-n', 'team']);
    await site().must(['delete', 'pod', 'look', '-n', 'team', '--grace-period=0', '--force']);
    const uid = await site().must(['get', 'namespace', 'team', '-o', 'jsonpath={.metadata.uid}']);
    assert.ok(seen.includes(uid), seen);
    assert.doesNotMatch(seen, /_marker\.json/);
    assert.match(seen, /cannot access '\/store\/\.\.\/default'/);
  });

  test('a claim that a user deletes is healed, and what is on the volume stays', async () => {
    const uid = await claimUid(site());
    await site().must(['delete', 'pvc', 'niximage-store', '-n', 'team']);
    await until(
      async () => ![uid, undefined].includes(await claimUid(site())),
      60_000,
      () => explain(site()),
    );
    await untilBound(site(), 'team');
    assert.equal((await imageOn(site(), 'hello', 'team').status()).state, 'Built');
  });

  test('deleted while an image of it is built, it goes', async () => {
    await makePlace(site(), 'leaving');
    const image = imageOn(site(), 'half', 'leaving');
    await image.apply({ ...small, extraCommands: gateIn(site(), 'leaving', 'half').commands });
    await image.untilBuilding();
    await site().must(['delete', 'namespace', 'leaving', '--timeout=60s']);
  });

  test('without the label its volume goes', async () => {
    await imageOn(site(), 'hello', 'team').remove();
    await site().must(['label', 'namespace', 'team', 'k8s.nixos.org/images-']);
    await until(
      async () =>
        (await claimOf(site(), 'team')) === undefined &&
        (await site().api.find('/api/v1/persistentvolumes/niximage-namespace-team')) === undefined,
      60_000,
      () => explain(site()),
    );
  });
}

async function claimUid(site: Site): Promise<string | undefined> {
  return (await claimOf(site, 'team'))?.metadata.uid;
}

async function explain(site: Site): Promise<string> {
  return await site.must(['get', 'namespaces,pvc,pv,events', '-A']);
}
