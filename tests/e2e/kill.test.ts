import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../cli/up/ports.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { lastFirst } from './support/cleanup.ts';
import { manifest } from './support/manifest.ts';
import { descendant, descendants, ended, isRunning } from './support/processes.ts';
import { Session } from './support/program.ts';
import { digestOf, verifyImage, watchServed } from './support/registry.ts';

/** The contents make some twenty layers, so that a build has a middle. */
const contents = ['hello', 'jq', 'bash'];

interface Stage {
  readonly folder: string;
  readonly port: number;
  up(): Session;
}

/** A folder with one manifest, and sessions on it. What the registry serves of it is read whole all the time. */
async function stage(context: TestContext, data: Readonly<Record<string, unknown>>): Promise<Stage> {
  const t = lastFirst(context);
  const folder = await temporaryFolder(t);
  const port = await freePort();
  await writeFile(join(folder, 'x.yaml'), manifest('x', data));
  const watch = watchServed(port, 'x', 'v1');
  t.after(() => watch.end());
  const words = ['--nixpkgs', 'demo', '--port', String(port), 'x.yaml'];
  return { folder, port, up: () => Session.start(t, words, { cwd: folder }) };
}

const moments = [
  'as soon as its builder runs',
  'when the first layer is there',
  'when it is published',
] as const;

/** Waits for a moment of the first build of x:v1. */
async function reach(moment: (typeof moments)[number], { folder }: Stage, session: Session): Promise<void> {
  await descendant(session.pid, 'builder');
  const tree = join(folder, '.niximage', 'store', 'default');
  const place = {
    'as soon as its builder runs': undefined,
    'when the first layer is there': join(tree, 'blobs', 'sha256'),
    'when it is published': join(tree, 'images', 'x', 'tags', 'v1'),
  }[moment];
  if (place === undefined) return;
  while ((await readdir(place).catch(() => [])).length === 0) await delay(2);
}

/** The publications of a tag, as the store's file names tell them: `<created>-<ordinal>-<uid>-<input hash>`. */
async function publications({ folder }: Stage, tag: string): Promise<readonly string[]> {
  return await readdir(join(folder, '.niximage', 'store', 'default', 'images', 'x', 'tags', tag));
}

async function assertBuiltOnce(scene: Stage): Promise<void> {
  while ((await digestOf(scene.port, 'x', 'v1').catch(() => undefined)) === undefined) await delay(10);
  assert.ok((await verifyImage(scene.port, 'x', 'v1')) > 1);
  const [only, ...more] = await publications(scene, 'v1');
  assert.deepEqual(more, [], 'published once');
  assert.match(only ?? '', /^\d{14}-0000000001-/, 'and it is the first build');
}

const services: readonly { readonly name: string; readonly words: readonly string[] }[] = [
  { name: 'hook', words: ['hook'] },
  { name: 'registry keeper', words: ['registry', 'keeper'] },
  { name: 'registry serve', words: ['registry', 'serve'] },
];

describe('kill -9 while an image builds: it is Built, once, and never served by halves', {
  timeout: 540_000,
}, () => {
  for (const { name, words } of services)
    test(`of the ${name}`, async (t) => {
      const scene = await stage(t, { tag: 'v1', contents });
      const session = scene.up();
      await descendant(session.pid, 'builder');
      process.kill((await descendant(session.pid, ...words)).pid, 'SIGKILL');
      await session.says(/x:v1 is Built/);
      await assertBuiltOnce(scene);
    });

  for (const moment of moments)
    test(`of the builder ${moment}`, async (t) => {
      const scene = await stage(t, { tag: 'v1', contents });
      const session = scene.up();
      const builder = await descendant(session.pid, 'builder');
      await reach(moment, scene, session);
      if (isRunning(builder.pid)) process.kill(builder.pid, 'SIGKILL');
      await session.says(/x:v1 is Built/);
      await assertBuiltOnce(scene);
    });

  for (const moment of [...moments, 'when it is Built'] as const)
    test(`of up itself ${moment}, then up again`, async (t) => {
      const scene = await stage(t, { tag: 'v1', contents });
      const first = scene.up();
      if (moment === 'when it is Built') await first.says(/x:v1 is Built/);
      else await reach(moment, scene, first);
      const children = await descendants(first.pid);
      await first.kill();
      const second = scene.up();
      await second.says(/x:v1 is Built/);
      await assertBuiltOnce(scene);
      assert.equal(await second.stop(), 0);
      // What the killed session left behind ends by itself.
      await Promise.all(children.map((child) => ended(child.pid)));
    });
});

test('kill -9 of each service in turn while the image is Built: it stays served, and is not built again', async (t) => {
  const scene = await stage(t, { tag: 'v1', contents: ['hello'] });
  const session = scene.up();
  await session.says(/x:v1 is Built/);
  const digest = await digestOf(scene.port, 'x', 'v1');
  for (const { name, words } of services) {
    const victim = await descendant(session.pid, ...words);
    const since = session.output.length;
    process.kill(victim.pid, 'SIGKILL');
    await session.says(new RegExp(`the ${name} ended \\(SIGKILL\\); it is started again`), since);
    let now: string | undefined;
    while (now === undefined) {
      now = await digestOf(scene.port, 'x', 'v1').catch(() => undefined);
      await delay(10);
    }
    assert.equal(now, digest);
  }
  const since = session.output.length;
  await writeFile(join(scene.folder, 'x.yaml'), manifest('x', { tag: 'v2', contents: ['hello'] }));
  await session.says(/x:v2 is Built/, since);
  assert.equal((await publications(scene, 'v1')).length, 1);
});
