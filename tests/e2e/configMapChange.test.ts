import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { freePort } from '../../cli/up/ports.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { lastFirst } from './support/cleanup.ts';
import { manifest } from './support/manifest.ts';
import { Session } from './support/program.ts';
import { digestOf } from './support/registry.ts';

test('a changed ConfigMap builds again what is made from it, and nothing else', async (context) => {
  const t = lastFirst(context);
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const write = async (word: string): Promise<void> => {
    const code = `{ writeTextDir }: { said = writeTextDir "said" "${word}"; }`;
    const map = (name: string, data: object) =>
      stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
    const parts = [
      map('tools', { 'default.nix': code }),
      map('other', { 'default.nix': code.replace(word, 'always the same') }),
      ...['tools', 'other'].map((name) =>
        manifest(`of-${name}`, {
          contents: ['mine.said'],
          sources: [{ name: 'mine', configMap: { name } }],
          defaults: false,
        }),
      ),
    ];
    await writeFile(join(folder, 'all.yaml'), parts.join('---\n'));
  };
  const digests = () => Promise.all(['of-tools', 'of-other'].map((name) => digestOf(port, name, 'latest')));

  await write('first');
  const session = Session.start(t, ['--nixpkgs', 'demo', '--port', String(port), 'all.yaml'], {
    cwd: folder,
  });
  await session.says(/of-tools:latest is Built/);
  await session.says(/of-other:latest is Built/);
  const [tools, other] = await digests();

  const since = session.output.length;
  await write('second');
  await session.says(/of-tools:latest is Built/, since);
  const [changed, same] = await digests();
  assert.notEqual(changed, tools);
  assert.equal(same, other);
  assert.doesNotMatch(session.output.slice(since), /of-other +latest +(BuildPending|Building)/);
  assert.equal(await session.stop(), 0);
});
