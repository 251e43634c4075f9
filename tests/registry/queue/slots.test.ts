import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isServed } from '../../../registry/keeper/imageState.ts';
import { createSlots } from '../../../registry/queue/slots.ts';
import { startKeeper } from '../../../registry/start.ts';
import { createVolume } from '../../../registry/volume.ts';
import type { Product } from '../../../runtime/contract/turn.ts';
import { createLogger } from '../../../runtime/log.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { ask } from '../support/client.ts';
import { makeImage, publish, writeMarker, writeNamespace } from '../support/volume.ts';

const token = 'a-token';
const authorization = `Bearer ${token}`;
const since = '2026-01-02T03:04:05Z';

async function volume(t: TestContext): Promise<string> {
  const root = join(await temporaryFolder(t), 'store');
  await writeMarker(root);
  await writeNamespace(root, 'team');
  return root;
}

/** A keeper with two slots. */
async function keep(t: TestContext, store: string) {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const keeper = await startKeeper({ store, host: '127.0.0.1', port: 0, token, builds: 2 }, logger);
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await keeper.close();
    open = false;
  };
  t.after(close);
  const post = async (name: string, what: string, body: unknown) => {
    const answer = await ask(keeper.url, `/internal/v1/namespaces/team/images/${name}/${what}`, {
      method: 'POST',
      headers: { authorization },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: JSON.parse(answer.body.toString()) };
  };
  const start = async (name: string) =>
    (await post(name, 'slot', { use: 'Start', pod: `${name}-1`, since })).body.turn;
  return { close, post, start, url: keeper.url };
}

test('a keeper that starts again knows which slots are taken', async (t) => {
  const root = await volume(t);
  const first = await keep(t, root);
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(first.start)), ['Go', 'Go', 'Wait']);
  await first.close();
  const second = await keep(t, root);
  assert.deepEqual([await second.start('c'), await second.start('a')], ['Wait', 'Go']);
  assert.deepEqual((await second.post('a', 'slot', { use: 'Free' })).body, {});
  assert.equal(await second.start('c'), 'Go');
});

test('a build whose image is on the volume has no slot, though nobody has said that it ended', async (t) => {
  const root = await volume(t);
  for (const name of ['served', 'other-input', 'other-uid'])
    await publish(root, await makeImage(name), { namespace: 'team', name });
  const product = { tag: 'v1', inputHash: 'a'.repeat(64), uid: 'image-uid' };
  const other = { 'other-input': { inputHash: 'b'.repeat(64) }, 'other-uid': { uid: 'other' } };
  const seen = createVolume(root);
  let now = Date.parse(since);
  const slots = createSlots(seen, {
    root,
    limits: { builds: 3, patience: 30_000 },
    isServed: (...asked) => isServed(seen, ...asked),
    clock: () => now,
  });
  const start = (name: string, made?: Product) =>
    slots.use('team', name, { use: 'Start', pod: `${name}-1`, since, ...(made && { product: made }) });
  for (const name of ['other-input', 'other-uid'] as const) await start(name, { ...product, ...other[name] });
  await start('served', product);
  assert.equal((await start('next'))?.turn, 'Go', 'what is served needs no slot');
  now += 1000;
  assert.equal((await start('last'))?.turn, 'Wait', 'what is served of the others is not what they build');
});

test('an image that is finalized has no slot', async (t) => {
  const keeper = await keep(t, await volume(t));
  await Promise.all(['a', 'b', 'c'].map(keeper.start));
  await keeper.post('a', 'finalize', { uid: 'some-uid' });
  assert.equal(await keeper.start('c'), 'Go');
});

test('while the volume is away nothing is handed out', async (t) => {
  const root = await volume(t);
  const keeper = await keep(t, root);
  assert.equal(await keeper.start('a'), 'Go');
  await rename(root, `${root}-away`);
  assert.equal((await keeper.post('b', 'slot', { use: 'Start', pod: 'b-1', since })).status, 503);
  await rename(`${root}-away`, root);
  assert.equal(await keeper.start('b'), 'Go');
  const { slots } = JSON.parse(await readFile(join(root, '_slots.json'), 'utf8'));
  assert.deepEqual(
    slots.map(({ name }: { name: string }) => name),
    ['a', 'b'],
    'what was handed out is written down, though it could not be at first',
  );
});

for (const content of ['', '{"v":1,"slots":[{"name":1}]}', '{"v":2}', '[]', '{"v":1,"slots":'])
  test(`a file of slots with ${content === '' ? 'nothing' : content} in it is none`, async (t) => {
    const root = await volume(t);
    await writeFile(join(root, '_slots.json'), content);
    const keeper = await keep(t, root);
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(keeper.start)), ['Go', 'Go', 'Wait']);
  });

test('the metrics tell how many build, and how many wait', async (t) => {
  const keeper = await keep(t, await volume(t));
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map(keeper.start));
  const text = (await ask(keeper.url, '/metrics')).body.toString();
  assert.match(text, /^niximage_builds_building 2$/m);
  assert.match(text, /^niximage_builds_stuck 0$/m);
  assert.match(text, /^niximage_builds_waiting 3$/m);
});
