import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../../cli/up/ports.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { lastFirst } from './support/cleanup.ts';
import { manifest } from './support/manifest.ts';
import { Session } from './support/program.ts';
import { digestOf } from './support/registry.ts';

test('edits are built, what is removed is finalized, what no longer parses stays as it was', async (context) => {
  const t = lastFirst(context);
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const files = join(folder, 'images');
  await mkdir(files);
  const one = join(files, 'one.yaml');
  await writeFile(one, manifest('one', { tag: 'v1', contents: ['hello'] }));
  await writeFile(join(files, 'two.yaml'), manifest('two', { tag: 'v1', contents: ['bash'] }));
  const session = Session.start(t, ['--nixpkgs', 'demo', '--port', String(port), 'images'], { cwd: folder });
  await session.says(/one:v1 is Built/);
  await session.says(/two:v1 is Built/);
  const first = await digestOf(port, 'one', 'v1');
  assert.ok(first);

  // Saved as an editor does it: a new file, renamed over the old one. The tag stays, the contents change.
  let since = session.output.length;
  await writeFile(`${one}.new`, manifest('one', { tag: 'v1', contents: ['hello', 'bash'] }));
  await rename(`${one}.new`, one);
  await session.says(/one +v1 +Building/, since);
  assert.equal(await digestOf(port, 'one', first), first, 'the old image stays pullable by digest');
  await session.says(/one:v1 is Built/, since);
  const second = await digestOf(port, 'one', 'v1');
  assert.notEqual(second, first);
  assert.equal(await digestOf(port, 'one', first), first, 'also after the new one is there');

  // A new tag: the old one stays.
  since = session.output.length;
  await writeFile(one, manifest('one', { tag: 'v2', contents: ['hello'] }));
  await session.says(/one:v2 is Built/, since);

  // It no longer parses: told with the place, the image stays.
  since = session.output.length;
  await writeFile(one, 'apiVersion: [\n');
  await session.says(/images\/one\.yaml:\d+:\d+: this is not YAML/, since);
  assert.ok(await digestOf(port, 'one', 'v2'));

  // Whole again, with a second document.
  since = session.output.length;
  const both = `${manifest('one', { tag: 'v2', contents: ['hello'] })}---\n${manifest('three', { contents: ['hello'] })}`;
  await writeFile(one, both);
  await session.says(/three:latest is Built/, since);

  // The document goes, then a file.
  since = session.output.length;
  await writeFile(one, manifest('one', { tag: 'v2', contents: ['hello'] }));
  await session.says(/three +removed/, since);
  assert.equal(await digestOf(port, 'three', 'latest'), undefined);
  await rm(join(files, 'two.yaml'));
  await session.says(/two +removed/, since);
  assert.equal(await digestOf(port, 'two', 'v1'), undefined);
  assert.ok(await digestOf(port, 'one', 'v2'), 'everything else is still served');
  assert.equal(await session.stop(), 0);
});
