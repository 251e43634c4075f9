import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { ImageStatus } from '../../../hooks/resource/niximage.ts';
import { type ImageHandle, imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { gateIn, makePlace, podsEver, small } from './place.ts';

const place = 'attempts';

/** What ends a builder's Pod before it has built. */
export function attemptCases(site: () => Site): void {
  before(() => makePlace(site(), place));

  test('the Pod evicted by the kubelet, for it took too much room: said why, and tried again after a pause', async () => {
    const image = imageOn(site(), 'evicted', place);
    const once = '/niximage/store/evicted';
    const commands = `if ! test -e ${once}; then touch ${once}; head -c 500M /dev/zero > /tmp/room; sleep 600; fi\n`;
    await image.apply({ ...small, extraCommands: commands, pod: { storage: '400Mi' } });
    await image.untilReason('Interrupted');
    assert.match(await image.message('Ready'), /Evicted.*400Mi.*it is tried again at/s);
    await image.wait('Ready');
    assert.equal((await image.status()).build?.attempt, 2);
    assert.equal((await podsEver(site(), place, 'evicted')).length, 2);
  });

  test('a build that takes longer than it may: said so, and not tried again', async () => {
    const image = imageOn(site(), 'slow', place);
    const { commands } = gateIn(site(), place, 'slow');
    await image.apply({ ...small, extraCommands: commands, pod: { timeout: 10 } });
    await image.wait('Stalled');
    assert.equal((await image.status()).failure?.reason, 'Timeout');
    assert.equal((await podsEver(site(), place, 'slow')).length, 1);
    await image.remove();
  });

  test('the Pod deleted, each time: two attempts where two may be, then Failed', async () => {
    const image = imageOn(site(), 'deleted', place);
    const { commands } = gateIn(site(), place, 'deleted');
    await image.apply({ ...small, extraCommands: commands, pod: { attempts: 2 } });
    for (const attempt of [1, 2]) {
      const pod = await attemptRuns(image, attempt);
      await site().must(['delete', 'pod', pod, '-n', place, '--wait=false']);
    }
    await image.wait('Stalled');
    assert.equal((await image.status()).failure?.reason, 'BuilderLost');
    assert.equal((await podsEver(site(), place, 'deleted')).length, 2);
    await image.remove();
  });

  test('the Pod evicted, as by a drain of its node: the next attempt builds', async () => {
    const image = imageOn(site(), 'drained', place);
    const gate = gateIn(site(), place, 'drained');
    await image.apply({ ...small, extraCommands: gate.commands });
    const pod = await attemptRuns(image, 1);
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: place } };
    const path = `/api/v1/namespaces/${place}/pods/${pod}/eviction`;
    await site().must(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
    await gate.open();
    await image.wait('Ready');
    assert.equal((await image.status()).build?.attempt, 2);
    assert.equal((await podsEver(site(), place, 'drained')).length, 2);
  });

  describe('out of memory: said so, and not tried again before the manifest gives it more', () => {
    const rows = [
      {
        reason: 'the build itself',
        name: 'oom-shell',
        commands: "x=$(head -c 200M /dev/zero | tr '\\0' x)\n",
      },
      {
        reason: 'a program that it runs',
        name: 'oom-program',
        commands: 'head -c 600M /dev/zero | tail -c 600M > /dev/null\n',
      },
    ];
    for (const { reason, name, commands } of rows)
      test(reason, async () => {
        const image = imageOn(site(), name, place);
        await image.apply({ ...small, extraCommands: commands, pod: { memory: '400Mi' } });
        await image.wait('Stalled');
        const { failure } = await image.status();
        assert.equal(failure?.reason, 'OutOfMemory', failure?.message);
        assert.match(failure.message ?? '', /memory/);
        assert.equal((await podsEver(site(), place, name)).length, 1);
        await image.apply({ ...small, extraCommands: commands, pod: { memory: '2Gi' } });
        await image.wait('Ready');
        assert.equal((await podsEver(site(), place, name)).length, 2);
      });
  });
}

/** @returns its Pod. */
async function attemptRuns(image: ImageHandle, attempt: number): Promise<string> {
  const isSo = ({ state, build }: ImageStatus) => state === 'Building' && build?.attempt === attempt;
  return (await image.until(isSo)).build?.pod ?? '';
}
