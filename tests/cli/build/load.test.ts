import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { findEngine, LoadError, loadArchive } from '../../../cli/build/load.ts';
import { temporaryFolder } from '../../support/tmp.ts';

/** Puts a program into a folder of its own; it stands in for an engine, of which a machine may have none. */
async function engine(folder: string, name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`);
  await chmod(join(folder, name), 0o755);
}

async function* pieces(count: number): AsyncGenerator<Buffer> {
  for (let index = 0; index < count; index++) yield Buffer.alloc(64 * 1024, index);
}

describe('the engine of a machine', () => {
  const rows: readonly { readonly there: readonly string[]; readonly found: string }[] = [
    { there: ['docker', 'podman'], found: 'docker' },
    { there: ['podman'], found: 'podman' },
  ];
  for (const { there, found } of rows)
    test(there.join(' and '), async (t) => {
      const folder = await temporaryFolder(t);
      for (const name of there) await engine(folder, name, 'exit 0');
      assert.equal(await findEngine({ PATH: folder }), found);
    });

  test('none: told with what to do', async (t) => {
    await assert.rejects(
      findEngine({ PATH: await temporaryFolder(t) }),
      (error) =>
        error instanceof LoadError &&
        error.code === 'NO_ENGINE' &&
        error.message.includes('--output FILE.tar'),
    );
  });
});

test('the archive reaches the engine byte for byte', async (t) => {
  const folder = await temporaryFolder(t);
  await engine(folder, 'docker', `test "$*" = load && exec /bin/cat > '${folder}/loaded'`);
  await loadArchive('docker', pieces(20), { PATH: folder });
  const loaded = await readFile(join(folder, 'loaded'));
  assert.ok(loaded.equals(await buffer(pieces(20))));
});

test('an engine that refuses is quoted, also one that reads nothing', async (t) => {
  const folder = await temporaryFolder(t);
  await engine(folder, 'docker', 'echo "no space left on device" >&2; exit 1');
  await assert.rejects(
    loadArchive('docker', pieces(200), { PATH: folder }),
    (error) =>
      error instanceof LoadError &&
      error.code === 'LOAD_FAILED' &&
      error.message.includes('no space left on device'),
  );
});
