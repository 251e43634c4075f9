import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { execa } from 'execa';
import { imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { gateIn, makePlace, small } from './place.ts';

const place = 'begun';
const page = new URL('../../../docs/reference.md', import.meta.url);

/** What begins a build beside a change of the contents, and what holds one back. */
export function begunCases(site: () => Site): void {
  before(() => makePlace(site(), place));

  test('an image waits for its ConfigMap, and is built again when the text changes', async () => {
    const image = imageOn(site(), 'app', place);
    const gate = gateIn(site(), place, 'app');
    const files = [{ path: '/etc/app', configMap: { name: 'app', key: 'conf' } }];
    await image.apply({ ...small, files, extraCommands: gate.commands });
    await image.untilReason('ConfigMapMissing');
    await site().must(['create', 'configmap', 'app', '-n', place, '--from-literal=conf=one']);
    const first = await image.untilBuilding();
    await site().must(['patch', 'configmap', 'app', '-n', place, '-p', '{"data":{"conf":"two"}}']);
    await image.until(({ state, build }) => state === 'Building' && build?.pod !== first);
    await gate.open();
    await image.wait('Ready');
    const { build } = await image.status();
    assert.deepEqual([build?.ordinal, build?.attempt], [2, 1]);
    await image.untilNoPods();
  });

  test('held back, let go on and built again, by the commands of docs/reference.md', async () => {
    const text = await readFile(page, 'utf8');
    const commands = [...text.matchAll(/^\$ (kubectl (?:annotate|patch) niximage\/curl-and-jq .*)$/gm)];
    const [again = '', hold = '', goOn = ''] = commands.map(([, command]) => command ?? '');
    const run = (command: string) =>
      execa('bash', ['-c', `kubectl() { "$KUBECTL" --namespace=${place} "$@"; }; ${command}`], {
        env: { KUBECTL: site().kubectlProgram, KUBECONFIG: site().kubeconfig },
      });
    const image = imageOn(site(), 'curl-and-jq', place);
    const gate = gateIn(site(), place, 'curl-and-jq');
    await image.apply({ ...small, extraCommands: gate.commands });
    await image.untilBuilding();
    await run(hold);
    await image.untilReason('Suspended');
    await image.untilNoPods();
    await run(goOn);
    const first = await image.untilBuilding();
    await run(again);
    await image.until(({ state, build }) => state === 'Building' && build?.pod !== first);
    await gate.open();
    await image.wait('Ready');
    assert.notEqual((await image.status()).build?.pod, first);
  });
}
