import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageOn } from '../support/niximages.ts';
import { until } from '../support/processes.ts';
import type { Site } from '../support/site.ts';
import { small } from './place.ts';

/** Namespaces, their label and their volumes. */
export function namespaceCases(site: () => Site): void {
  test('an image in a namespace without the label says so', async () => {
    await site().must(['create', 'namespace', 'team']);
    const image = imageOn(site(), 'hello', 'team');
    await image.apply(small);
    await until(
      async () => (await image.get(ready('reason'))) === 'NamespaceNotEnabled',
      30_000,
      () => image.explain(),
    );
    assert.match(
      await image.get(ready('message')),
      /kubectl label namespace team k8s\.nixos\.org\/images=enabled/,
    );
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
    const uid = await claimUid(site(), 'team');
    await site().must(['delete', 'pvc', 'niximage-store', '-n', 'team']);
    await until(
      async () => ![uid, ''].includes(await claimUid(site(), 'team')),
      60_000,
      () => explain(site()),
    );
    await untilBound(site(), 'team');
    assert.equal(await imageOn(site(), 'hello', 'team').get('{.status.state}'), 'Built');
  });

  test('without the label its volume goes', async () => {
    await imageOn(site(), 'hello', 'team').remove();
    await site().must(['label', 'namespace', 'team', 'k8s.nixos.org/images-']);
    await until(
      async () =>
        (await claimUid(site(), 'team')) === '' &&
        (await site().must(['get', 'pv', 'niximage-namespace-team', '--ignore-not-found', '-o', 'name'])) ===
          '',
      60_000,
      () => explain(site()),
    );
  });
}

function ready(field: 'reason' | 'message'): string {
  return `{.status.conditions[?(@.type=="Ready")].${field}}`;
}

async function untilBound(site: Site, namespace: string): Promise<void> {
  const words = ['get', 'pvc', 'niximage-store', '-n', namespace, '--ignore-not-found'];
  const phase = (): Promise<string> => site.must([...words, '-o', 'jsonpath={.status.phase}']);
  await until(
    async () => (await phase()) === 'Bound',
    60_000,
    () => explain(site),
  );
}

function claimUid(site: Site, namespace: string): Promise<string> {
  const words = ['get', 'pvc', 'niximage-store', '-n', namespace, '--ignore-not-found'];
  return site.must([...words, '-o', 'jsonpath={.metadata.uid}']);
}

async function explain(site: Site): Promise<string> {
  return await site.must(['get', 'namespaces,pvc,pv,events', '-A']);
}
