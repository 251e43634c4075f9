import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRegistry } from '../../registry/main.ts';
import { startProcesses } from '../../registry/processes/startProcesses.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { ask } from './support/client.ts';
import { makeImage, publish, writeMarker, writeNamespace } from './support/volume.ts';

test('several processes serve one port, count together, and end together', async (t) => {
  const store = join(await temporaryFolder(t), 'store');
  await writeMarker(store);
  await writeNamespace(store, 'default');
  const image = await makeImage('one');
  await publish(store, image);
  const server = await startProcesses({ store, host: '127.0.0.1', port: 0 }, 3, 'silent');
  t.after(() => server.close());
  for (let turn = 0; turn < 60; turn += 1) {
    const { status, body } = await ask(server.url, '/v2/app/manifests/v1');
    assert.equal(status, 200);
    assert.ok(body.equals(image.manifest));
  }
  const metrics = (await ask(server.url, '/metrics')).body.toString();
  assert.match(metrics, /^niximage_http_requests_total\{route="ManifestByTag",status="200"\} 60$/m);
  await server.close();
  await assert.rejects(ask(server.url, '/v2/'), { code: 'ECONNREFUSED' });
});

test('a process that cannot start is named, and the others end', async (t) => {
  const store = await temporaryFolder(t);
  await assert.rejects(startProcesses({ store, host: '203.0.113.1', port: 0 }, 2, 'silent'), {
    name: 'WorkerError',
    message: /cannot be listened on/,
  });
});

test('the command takes a number of processes', async (t) => {
  const store = join(await temporaryFolder(t), 'store');
  const words = [
    'serve',
    `--store=${store}`,
    '--host=127.0.0.1',
    '--port=0',
    '--initialise',
    '--processes=2',
  ];
  assert.equal(await runRegistry([...words, '--log-level=silent'], {}, AbortSignal.abort('SIGTERM')), 0);
});
