import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { collect } from '../../oci/store/collect.ts';
import { initialiseStore, openStore, type Store } from '../../oci/store/store.ts';
import { openTree } from '../../oci/store/tree.ts';
import { collectAll, startCollecting } from '../../registry/keeper/collecting.ts';
import { createVolume } from '../../registry/volume.ts';
import { createLogger } from '../../runtime/log.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** Nothing is spared for its age. */
const collectAtOnce = (tree: string) =>
  collect(tree, { unused: 0, retired: 0, leftover: 3_600_000 }, Date.now() + 1000);

async function bench(t: TestContext) {
  const root = join(await temporaryFolder(t), 'store');
  await initialiseStore(root);
  const store: Store = await openStore(root);
  for (const namespace of ['good', 'bad']) {
    await store.createNamespace(namespace, `${namespace}-uid`);
    await (await openTree(store.treePath(namespace), 'builder-1')).putBlob(Buffer.from('unused'));
  }
  const lines = new PassThrough({ encoding: 'utf8' });
  const logger = createLogger({ name: 'keeper', level: 'info', destination: lines });
  return { root, store, lines, logger, volume: createVolume(root) };
}

describe('the collector of the keeper', () => {
  test('a namespace that cannot be collected is told, and the others are collected', async (t) => {
    const { store, lines, logger, volume } = await bench(t);
    await symlink(store.treePath('good'), join(store.treePath('bad'), 'retired'));
    await collectAll(volume, logger, collectAtOnce);
    const said = String(lines.read());
    assert.match(said, /"namespace":"good","retired":1,.*"msg":"collected"/);
    assert.match(
      said,
      /"namespace":"bad".*is a link or no folder.*"msg":"the namespace could not be collected/,
    );
  });

  test('a volume that is away is told, and collected when it is back', async (t) => {
    const { root, lines, logger, volume } = await bench(t);
    await rename(root, `${root}-away`);
    const collecting = startCollecting(volume, 5, logger, collectAtOnce);
    t.after(() => collecting.stop());
    await says(lines, /nothing could be collected/);
    await rename(`${root}-away`, root);
    await says(lines, /"collected"/);
    await collecting.stop();
    lines.read();
    await rm(root, { recursive: true });
    assert.equal(lines.read(), null, 'after its end it says nothing');
  });

  test('0 is never', async (t) => {
    const { logger, volume } = await bench(t);
    const collecting = startCollecting(volume, 0, logger, () => assert.fail('it collected'));
    await collecting.stop();
  });
});

async function says(lines: PassThrough, pattern: RegExp): Promise<void> {
  let said = '';
  while (!pattern.test(said)) {
    const chunk: unknown = lines.read();
    if (typeof chunk === 'string') said += chunk;
    else await once(lines, 'readable');
  }
}
