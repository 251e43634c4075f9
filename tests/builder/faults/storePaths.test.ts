import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { appendFile, mkdir, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openStore } from '../../../builder/openStore.ts';
import type { Activity } from '../../../runtime/contract/progress.ts';
import { nixConfig } from '../../support/nixConfig.ts';
import { assertBuilt, imageBench, publication, publishedDigests, storedImage } from '../support/image.ts';

const run = promisify(execFile);
const style = { mtime: 1, uid: 0, gid: 0, uname: 'root', gname: 'root' };

describe('a store path that changes under the builder', () => {
  test('it goes before it is read: the build names it, nothing of the image stays, the next one is whole', async (t) => {
    const bench = await imageBench(t);
    const env = { ...bench.environment, HOME: bench.folder, NIX_CONFIG: nixConfig };
    const { stdout } = await run('nix-build', [bench.nixpkgs, '--attr', 'large', '--no-out-link'], { env });
    const path = stdout.trim();
    const away = `${path}-away`;
    t.after(() => run('rm', ['-f', away]));
    const onActivity = (activity: Activity): void => {
      if (activity.kind === 'WritingLayers' && existsSync(path)) renameSync(path, away);
    };
    const report = await bench.build('large curl', { onActivity });
    renameSync(away, path);
    assert.ok(report.result === 'Failed', JSON.stringify(report));
    assert.equal(report.transient, true);
    assert.match(report.message, new RegExp(`the store path ${path} cannot be read`));
    assert.deepEqual(await publishedDigests(bench.store), []);
    assert.deepEqual(await readdir(join(bench.store, 'tmp')), []);
    const next = await bench.build('large curl', { publication: { ...publication, ordinal: 2 } });
    assertBuilt(next);
    await storedImage(bench.store, next);
  });

  for (const { reason, harm } of [
    { reason: 'becomes shorter', harm: (path: string) => truncate(path, 1000) },
    { reason: 'becomes longer', harm: (path: string) => appendFile(path, 'more') },
  ])
    test(`a file ${reason} while it is read: the layer is not written, and no part of it stays`, async (t) => {
      const { folder, store: tree } = await imageBench(t);
      const storeDir = join(folder, 'nix');
      await mkdir(storeDir);
      const path = join(storeDir, 'file');
      await writeFile(path, randomBytes(6_000_000));
      const store = await openStore(tree, 'pod');
      t.after(() => store.close());
      const source = { kind: 'StorePaths', key: 'a'.repeat(64), storeDir, paths: [path], style } as const;
      // At its slowest, the compressor is never far behind the reader, and takes seconds for the whole.
      const writing = store.writeLayer(source, {
        compression: { kind: 'zstd', level: 19 },
        signal: t.signal,
      });
      const failed = assert.rejects(writing, { code: 'CHANGED', message: /file changed while it was read/ });
      await someBytesIn(join(tree, 'tmp'));
      await harm(path);
      await failed;
      assert.equal(await store.findLayer(source.key), undefined);
      for (const place of ['tmp', 'blobs/sha256', 'layers'])
        assert.deepEqual(await readdir(join(tree, place)), [], place);
    });
});

/** Waits until a file in the folder has something in it. */
async function someBytesIn(folder: string): Promise<void> {
  for (;;) {
    for (const name of await readdir(folder)) if ((await stat(join(folder, name))).size > 0) return;
    await delay(1);
  }
}
