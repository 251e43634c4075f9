import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { imageOn, runInPod } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { enable } from './place.ts';
import { statesUntil } from './states.ts';

/** From kubectl apply to a running Pod. */
export function buildCases(site: () => Site): void {
  before(() => enable(site(), 'default'));
  const waitFor = (condition: string, name: string) =>
    site().must(['wait', `--for=condition=${condition}`, '--timeout=120s', `niximage/${name}`]);

  test('the manifest of the README: BuildPending, Building, Built, and a Pod of it runs', async () => {
    const image = imageOn(site(), 'curl-and-jq');
    const states = statesUntil(site(), image, 'Built');
    await image.apply({ tag: 'v1', contents: ['curl', 'jq', 'bash'] });
    await waitFor('Ready', image.name);
    assert.deepEqual(await states, ['BuildPending', 'Building', 'Built']);
    const table = await site().must(['get', 'niximages', 'curl-and-jq']);
    assert.match(table, /^NAME +VERSION +STATUS\ncurl-and-jq +v1 +Built *$/);
    await image.untilNoPods();
    const output = await runInPod(site(), 'localhost:30500/curl-and-jq:v1', ['curl', '--version']);
    assert.match(output, /^curl /);
  });

  test('a typo: Failed with the attribute and what was meant; corrected: Built', async () => {
    const image = imageOn(site(), 'typo');
    await image.apply({ tag: 'v1', contents: ['helo'] });
    await waitFor('Stalled', image.name);
    const { state, failure } = await image.status();
    assert.deepEqual([state, failure?.attribute], ['Failed', 'helo']);
    assert.match(await image.message('Stalled'), /did you mean hello\?/);
    await image.apply({ tag: 'v1', contents: ['hello'] });
    await image.wait('Ready');
    await image.remove();
  });

  test('a program that is not position-independent, linked by the patchelf of the builder, runs', async () => {
    const image = imageOn(site(), 'python');
    await image.apply({ tag: 'v1', contents: ['python3'] });
    await image.wait('Ready');
    const command = ['python3', '-c', 'print(6 * 7)'];
    assert.equal(await runInPod(site(), 'localhost:30500/python:v1', command, 'run-python'), '42');
    await image.remove();
  });
}
