import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { configMapName, podName } from '../../../hooks/children/names.ts';
import { imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { makePlace, podsEver, small, smallHash } from './place.ts';

const place = 'foreign';

/** Objects of somebody else that have the names of children. */
export function foreignCases(site: () => Site): void {
  before(() => makePlace(site(), place));

  test("a foreign ConfigMap of the child's name: Stalled with its name, and it is not built", async () => {
    const name = configMapName('foreign-map', smallHash);
    await site().must([
      ...['create', 'configmap', name, '-n', place],
      '--from-literal=default.nix=throw "foreign"',
    ]);
    const image = imageOn(site(), 'foreign-map', place);
    await image.apply(small);
    await image.wait('Stalled');
    assert.match(await image.message('Stalled'), new RegExp(name));
    assert.deepEqual(await podsEver(site(), place, 'foreign-map'), []);
    await site().must(['delete', 'configmap', name, '-n', place]);
    await image.wait('Ready');
  });

  test("a foreign Pod of the child's name: Stalled with its name", async () => {
    const name = podName('foreign-pod', smallHash, 1);
    await site().must(['apply', '-f', '-'], JSON.stringify(foreignPod(name)));
    const image = imageOn(site(), 'foreign-pod', place);
    await image.apply(small);
    await image.wait('Stalled');
    assert.match(await image.message('Stalled'), new RegExp(name));
    await site().must(['delete', 'pod', name, '-n', place, '--grace-period=0', '--force']);
    await image.wait('Ready');
  });
}

function foreignPod(name: string): unknown {
  const container = { name: 'a', image: 'localhost/pause:1', imagePullPolicy: 'Never' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: place },
    spec: { containers: [container] },
  };
}
