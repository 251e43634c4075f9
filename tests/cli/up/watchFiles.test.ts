import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { watchFiles } from '../../../cli/up/watchFiles.ts';
import { temporaryFolder } from '../../support/tmp.ts';

describe('changes are told', () => {
  const rows: readonly { readonly reason: string; change(folder: string): Promise<void> }[] = [
    { reason: 'written in place', change: (folder) => writeFile(join(folder, 'a.yaml'), 'new') },
    {
      reason: 'renamed over, as editors do',
      change: async (folder) => {
        await writeFile(join(folder, '.a.yaml.swp'), 'new');
        await rename(join(folder, '.a.yaml.swp'), join(folder, 'a.yaml'));
      },
    },
    { reason: 'removed', change: (folder) => rm(join(folder, 'a.yaml')) },
    {
      reason: 'a file of a watched folder',
      change: (folder) => writeFile(join(folder, 'below', 'b.yaml'), 'new'),
    },
  ];
  for (const { reason, change } of rows)
    test(reason, async (t) => {
      const folder = await temporaryFolder(t);
      await mkdir(join(folder, 'below'));
      await writeFile(join(folder, 'a.yaml'), 'old');
      const stop = new AbortController();
      const told = Promise.withResolvers<void>();
      await watchFiles(['a.yaml', 'below', '-'], { cwd: folder, signal: stop.signal, changed: told.resolve });
      await change(folder);
      await told.promise;
      stop.abort();
    });

  test('not those of a neighbour of a watched file', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'a.yaml'), 'old');
    const stop = new AbortController();
    let changes = 0;
    const told = Promise.withResolvers<void>();
    await watchFiles(['a.yaml'], {
      cwd: folder,
      signal: stop.signal,
      changed: () => {
        changes++;
        told.resolve();
      },
    });
    await writeFile(join(folder, 'b.yaml'), 'new');
    await writeFile(join(folder, 'a.yaml'), 'new');
    await told.promise;
    assert.equal(changes, 1);
    stop.abort();
  });
});

test('a signal that is aborted before leaves no watcher behind', async (t) => {
  const folder = await temporaryFolder(t);
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'FSEventWrap').length;
  await watchFiles(['a.yaml'], { cwd: folder, signal: AbortSignal.abort(), changed: () => {} });
  const after = process.getActiveResourcesInfo().filter((kind) => kind === 'FSEventWrap').length;
  assert.equal(after, before);
});
