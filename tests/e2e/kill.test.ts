import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { freePort } from '../../cli/up/ports.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { manifest } from './support/manifest.ts';
import { descendant, descendants, isRunning } from './support/processes.ts';
import { Session } from './support/program.ts';
import { digestOf, verifyImage } from './support/registry.ts';

/** The publications of a tag, as the store's file names tell them: `<created>-<ordinal>-<uid>-<input hash>`. */
async function publications(folder: string, name: string, tag: string): Promise<readonly string[]> {
  return readdir(join(folder, '.niximage', 'store', 'default', 'images', name, 'tags', tag));
}

const victims: readonly { readonly name: string; readonly words: readonly string[] }[] = [
  { name: 'hook', words: ['hook'] },
  { name: 'registry keeper', words: ['registry', 'keeper'] },
  { name: 'registry serve', words: ['registry', 'serve'] },
  { name: 'builder', words: ['builder'] },
];

describe('kill -9', () => {
  for (const { name, words } of victims)
    test(`of the ${name} while an image builds: it is Built, once`, async (t) => {
      const folder = await temporaryFolder(t);
      const port = await freePort();
      await writeFile(
        join(folder, 'x.yaml'),
        manifest('x', { tag: 'v1', contents: ['hello', 'jq', 'bash'] }),
      );
      const session = Session.start(t, ['--nixpkgs', 'demo', '--port', String(port), 'x.yaml'], {
        cwd: folder,
      });
      await descendant(session.pid, 'builder');
      const victim = await descendant(session.pid, ...words);
      process.kill(victim.pid, 'SIGKILL');
      await session.says(/x:v1 is Built/);
      while ((await digestOf(port, 'x', 'v1').catch(() => undefined)) === undefined);
      assert.ok((await verifyImage(port, 'x', 'v1')) > 1);
      const [only, ...more] = await publications(folder, 'x', 'v1');
      assert.deepEqual(more, [], 'published once');
      assert.match(only ?? '', /^\d{14}-0000000001-/, 'and it is the first build');
    });

  for (const moment of ['as soon as it builds', 'when it is Built'])
    test(`of up itself ${moment}, then up again: Built, nothing is built twice`, async (t) => {
      const folder = await temporaryFolder(t);
      const port = await freePort();
      await writeFile(join(folder, 'x.yaml'), manifest('x', { tag: 'v1', contents: ['hello', 'jq'] }));
      const words = ['--nixpkgs', 'demo', '--port', String(port), 'x.yaml'];
      const first = Session.start(t, words, { cwd: folder });
      if (moment === 'when it is Built') await first.says(/x:v1 is Built/);
      else await descendant(first.pid, 'builder');
      const children = await descendants(first.pid);
      await first.kill();
      const second = Session.start(t, words, { cwd: folder });
      await second.says(/x:v1 is Built/);
      assert.ok((await verifyImage(port, 'x', 'v1')) > 1);
      assert.equal((await publications(folder, 'x', 'v1')).length, 1);
      assert.equal(await second.stop(), 0);
      for (const child of children) assert.ok(!isRunning(child.pid), `${child.words.join(' ')} is gone`);
    });

  test('of each service in turn while the image is Built: it stays served, and is not built again', async (t) => {
    const folder = await temporaryFolder(t);
    const port = await freePort();
    await writeFile(join(folder, 'x.yaml'), manifest('x', { tag: 'v1', contents: ['hello'] }));
    const session = Session.start(t, ['--nixpkgs', 'demo', '--port', String(port), 'x.yaml'], {
      cwd: folder,
    });
    await session.says(/x:v1 is Built/);
    const digest = await digestOf(port, 'x', 'v1');
    for (const { name, words } of victims) {
      if (name === 'builder') continue;
      const victim = await descendant(session.pid, ...words);
      const since = session.output.length;
      process.kill(victim.pid, 'SIGKILL');
      await session.says(new RegExp(`the ${name} ended \\(SIGKILL\\); it is started again`), since);
      let now: string | undefined;
      while (now === undefined) now = await digestOf(port, 'x', 'v1').catch(() => undefined);
      assert.equal(now, digest);
    }
    const since = session.output.length;
    await writeFile(join(folder, 'x.yaml'), manifest('x', { tag: 'v2', contents: ['hello'] }));
    await session.says(/x:v2 is Built/, since);
    assert.equal((await publications(folder, 'x', 'v1')).length, 1);
  });
});
