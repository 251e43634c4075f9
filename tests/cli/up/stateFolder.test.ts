import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { demandPort, freePort } from '../../../cli/up/ports.ts';
import { StateFolder } from '../../../cli/up/stateFolder.ts';
import { temporaryFolder } from '../../support/tmp.ts';

describe('a state folder', () => {
  test('is held by one process; a second one is told who has it', async (t) => {
    const root = join(await temporaryFolder(t), 'state');
    await new StateFolder(root).take(5001);
    await assert.rejects(new StateFolder(root).take(5002), {
      code: 'ALREADY_UP',
      message: new RegExp(`already runs on .* \\(process ${process.pid}, port 5001\\)`),
    });
    await new StateFolder(root).release();
    await new StateFolder(root).take(5002);
  });

  const dead: readonly { readonly reason: string; readonly text: string }[] = [
    {
      reason: 'a session whose pid now is another process',
      text: JSON.stringify({ pid: process.pid, started: '1', port: 5001 }),
    },
    {
      reason: 'a session whose process is gone',
      text: JSON.stringify({ pid: 2 ** 22 + 1, started: '1', port: 5001 }),
    },
    { reason: 'a half-written record', text: '{"pid": 1' },
    { reason: 'a record of another shape', text: '[]' },
  ];
  for (const { reason, text } of dead)
    test(`${reason} is none`, async (t) => {
      const root = await temporaryFolder(t);
      await writeFile(join(root, 'session.json'), text);
      assert.equal(await new StateFolder(root).session(), undefined);
      await new StateFolder(root).take(5001);
    });

  test('makes a token once, for its owner alone', async (t) => {
    const folder = new StateFolder(await temporaryFolder(t));
    const { path, token } = await folder.token('hook');
    assert.match(token, /^[0-9a-f]{64}$/);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal(await readFile(path, 'utf8'), token);
    assert.deepEqual(await new StateFolder(folder.root).token('hook'), { path, token });
    assert.notEqual((await folder.token('keeper')).token, token);
  });

  test('that cannot be written is told', async (t) => {
    const file = join(await temporaryFolder(t), 'file');
    await writeFile(file, '');
    await assert.rejects(new StateFolder(join(file, 'state')).take(5001), {
      code: 'STATE_UNUSABLE',
      message: /--state DIR/,
    });
  });
});

test('a port in use is told with what to do', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await assert.rejects(demandPort(port), {
    code: 'PORT_IN_USE',
    message: new RegExp(`port ${port} .* in use .* --port`),
  });
  await demandPort(await freePort());
});
