import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ObjectStore } from '../../metacontroller/embedded/objects/objectStore.ts';
import { readObjects } from '../../metacontroller/embedded/objects/readObjects.ts';
import { startEmbedded } from '../../metacontroller/embedded/start.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { pod } from './support/node.ts';
import { owner } from './support/objects.ts';

test('a Pod that lost its owner while nothing ran is not started by the next session', async (t) => {
  const state = await temporaryFolder(t);
  const objects = join(state, 'objects');
  const before = await ObjectStore.open(objects, () => {});
  const orphan = pod('orphan', { containers: [{ args: [] }] });
  const owners = { ownerReferences: [owner('gone', 'uid-of-gone')] };
  await before.create({ ...orphan, metadata: { ...orphan.metadata, ...owners } });
  const said: string[] = [];
  const embedded = await startEmbedded({
    state,
    images: join(state, 'store'),
    hook: { url: 'http://127.0.0.1:1', token: '' },
    command: ['/bin/true'],
    environment: {},
    ensureNamespace: async () => {},
    onSync: () => assert.fail('there is no image'),
    say: (sentence) => said.push(sentence),
  });
  await embedded.close();
  assert.deepEqual(await readObjects(objects, 'Pod'), []);
  assert.deepEqual(await readdir(state), ['objects']);
  assert.deepEqual(said, []);
});
