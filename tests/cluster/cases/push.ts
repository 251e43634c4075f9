import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { execa } from 'execa';
import { imageOn } from '../support/niximages.ts';
import { until } from '../support/processes.ts';
import type { Site } from '../support/site.ts';
import { takeComponent } from './overlay.ts';
import { makePlace, small } from './place.ts';
import { served } from './registry.ts';

const place = 'pushes';
const there = ['-n', 'niximage-system'];

/** The component push, beside the registry that only reads. */
export function pushCases(site: () => Site): void {
  before(() => makePlace(site(), place));

  test('who has the token pushes, others do not, and nodes pull what was pushed', async () => {
    const image = imageOn(site(), 'base', place);
    await image.apply(small);
    await image.wait('Ready');
    await takeComponent(site(), 'push');
    // The rest stays as it is: a test has changed it.
    const part = ['-l', 'app.kubernetes.io/component=push'];
    await site().must(['apply', '--server-side', '-k', site().overlay, ...part]);
    await site().must([
      'wait',
      '--for=condition=Available',
      '--timeout=60s',
      ...there,
      'deployment/niximage-push',
    ]);
    const get = (what: string, path: string) =>
      site().must(['get', what, ...there, '-o', `jsonpath={${path}}`]);
    const token = Buffer.from(await get('secret/niximage-push-token', '.data.token'), 'base64').toString();
    const host = await get('service/niximage-push', '.spec.clusterIP');
    const copy = (...words: string[]) =>
      execa(
        'skopeo',
        [
          ...['copy', '--src-tls-verify=false', '--dest-tls-verify=false', ...words],
          `docker://localhost:30500/${place}/base:v1`,
          `docker://${host}:80/${place}/mirror:v1`,
        ],
        { reject: false },
      );
    await until(
      async () => (await fetch(`http://${host}/readyz`).catch(() => undefined))?.ok === true,
      30_000,
    );
    assert.notEqual((await copy()).exitCode, 0, 'without the token');
    assert.equal((await served(`${place}/mirror/manifests/v1`)).status, 404);
    const copied = await copy(`--dest-creds=push:${token}`);
    assert.equal(copied.exitCode, 0, copied.stderr);
    const { status, digest } = await served(`${place}/mirror/manifests/v1`);
    assert.deepEqual([status, digest], [200, (await image.status()).digest]);
    await image.remove();
  });
}
