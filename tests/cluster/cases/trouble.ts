import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { test } from 'node:test';
import { configMapName, podName } from '../../../hooks/children/names.ts';
import { inputHash } from '../../../hooks/inputHash.ts';
import { type ImageHandle, imageOn } from '../support/niximages.ts';
import { until } from '../support/processes.ts';
import type { Site } from '../support/site.ts';

const data = { tag: 'v1', contents: ['hello'] };
const hash = inputHash({ ...data, defaults: true }, 'demo');

/** What hinders a build, and what goes away while it runs. */
export function troubleCases(site: () => Site): void {
  test("a foreign ConfigMap of the child's name: Stalled with its name, and it is not built", async () => {
    const name = configMapName('foreign-map', hash);
    await site().must(['create', 'configmap', name, '--from-literal=default.nix=throw "foreign"']);
    const image = imageOn(site(), 'foreign-map');
    await image.apply(data);
    await image.wait('Stalled');
    assert.match(await image.get('{.status.conditions[?(@.type=="Stalled")].message}'), new RegExp(name));
    assert.deepEqual(await image.pods(), []);
    await site().must(['delete', 'configmap', name]);
    await image.wait('Ready');
    await image.remove();
  });

  test("a foreign Pod of the child's name: Stalled with its name", async () => {
    const name = podName('foreign-pod', hash, 1);
    await site().must(['apply', '-f', '-'], JSON.stringify(foreignPod(name)));
    const image = imageOn(site(), 'foreign-pod');
    await image.apply(data);
    await image.wait('Stalled');
    assert.match(await image.get('{.status.conditions[?(@.type=="Stalled")].message}'), new RegExp(name));
    await site().must(['delete', 'pod', name, '--grace-period=0', '--force']);
    await image.wait('Ready');
    await image.remove();
  });

  test('the builder Pod deleted while it builds: the next attempt builds', async () => {
    const image = imageOn(site(), 'deleted');
    await image.apply(data);
    const pod = await untilBuilding(image);
    await site().must(['delete', pod, '--wait=false']);
    await image.wait('Ready');
    assert.equal(await image.get('{.status.build.attempt}'), '2');
    await image.remove();
  });

  test("the node's kubelet restarted while it builds: one Pod, Built", async () => {
    const image = imageOn(site(), 'kubelet');
    await image.apply(data);
    await untilBuilding(image);
    await site().node.restartKubelet();
    await image.wait('Ready');
    assert.equal(await image.get('{.status.build.attempt}'), '1');
    await image.remove();
  });

  test('hook, registry and Metacontroller killed while images build: each is built once', async () => {
    const images = ['a', 'b', 'c'].map((name) => imageOn(site(), `kills-${name}`));
    for (const image of images) await image.apply(data);
    await untilBuilding(images[0] ?? assert.fail());
    const now = ['--grace-period=0', '--force', '--wait=false'];
    await site().must(['delete', 'pods', '-n', 'niximage-system', '--all', ...now]);
    await site().must(['delete', 'pods', '-n', 'metacontroller', '--all', ...now]);
    for (const image of images) await image.wait('Ready');
    for (const image of images) {
      assert.deepEqual(
        [await image.get('{.status.build.ordinal}'), await image.get('{.status.build.attempt}')],
        ['1', '1'],
      );
      await image.remove();
    }
  });

  test('the volume empty, and back: unknown meanwhile, no Pod, and all is well again', async () => {
    const image = imageOn(site(), 'volume');
    await image.apply(data);
    await image.wait('Ready');
    await until(
      async () => (await image.pods()).length === 0,
      30_000,
      () => image.explain(),
    );
    const build = await image.get('{.status.build}');
    const marker = `${site().volume}/_marker.json`;
    await rename(marker, `${marker}.away`);
    await site().must(['annotate', 'niximage', 'volume', 'test=look']);
    const ready = '{.status.conditions[?(@.type=="Ready")].status}';
    await until(
      async () => (await image.get(ready)) === 'Unknown',
      30_000,
      () => image.explain(),
    );
    assert.equal(await image.get('{.status.state}'), 'Built');
    assert.deepEqual(await image.pods(), []);
    await rename(`${marker}.away`, marker);
    await image.wait('Ready');
    assert.equal(await image.get('{.status.build}'), build);
    await image.remove();
  });

  test('a request without the token: refused, and nothing is deleted', async () => {
    const words = [
      'get',
      'service',
      'niximage-hook',
      '-n',
      'niximage-system',
      '-o',
      'jsonpath={.spec.clusterIP}',
    ];
    const address = await site().must(words);
    for (const path of ['sync', 'finalize', 'customize', 'namespaces/sync', 'namespaces/finalize']) {
      const answer = await fetch(`http://${address}/${path}`, { method: 'POST', body: '{}' });
      assert.equal(answer.status, 401, path);
      await answer.text();
    }
  });
}

/** Until the image's Pod runs. @returns `pod/<name>`. */
async function untilBuilding(image: ImageHandle): Promise<string> {
  await until(
    async () => (await image.get('{.status.state}')) === 'Building',
    60_000,
    () => image.explain(),
  );
  const [pod = assert.fail('no Pod')] = await image.pods();
  return pod;
}

function foreignPod(name: string): unknown {
  const container = { name: 'a', image: 'localhost/pause:1', imagePullPolicy: 'Never' };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [container] } };
}
