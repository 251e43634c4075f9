import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePort } from '../../../cli/up/ports.ts';
import { Service, ServiceError, type ServiceSpec } from '../../../cli/up/service.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const server = (port: number, answer: string) => `
import { createServer } from 'node:http';
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
createServer((_, response) => response.end(String(process.pid) + ${JSON.stringify(answer)})).listen(${port}, '127.0.0.1');
`;

async function prepare(t: TestContext, script: (port: number) => string) {
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const file = join(folder, 'service.mjs');
  await writeFile(file, script(port));
  const url = `http://127.0.0.1:${port}/readyz`;
  const spec: ServiceSpec = {
    name: 'hook',
    command: [file],
    env: {},
    ready: url,
    log: join(folder, 'logs', 'hook.log'),
  };
  const said: string[] = [];
  const told = Promise.withResolvers<void>();
  const service = new Service(spec, (line) => {
    said.push(line);
    told.resolve();
  });
  t.after(() => service.stop());
  return { folder, port, url, spec, service, said, told: told.promise };
}

const ask = async (url: string) => (await fetch(url, { headers: { connection: 'close' } })).text();

test('a service is started, answers, and is gone after stop', async (t) => {
  const { service, url } = await prepare(t, (own) => server(own, 'a'));
  await service.start();
  assert.equal(await ask(url), `${service.pid}a`);
  const { pid } = service;
  await service.stop();
  assert.ok(pid);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('one that is killed is started again, with a line that says so', async (t) => {
  const { service, url, said, told } = await prepare(t, (own) => server(own, 'a'));
  await service.start();
  const first = service.pid;
  assert.ok(first);
  process.kill(first, 'SIGKILL');
  await told;
  assert.match(said.join('\n'), /^the hook ended \(SIGKILL\); it is started again/);
  let answer = '';
  while (answer === '') answer = await ask(url).catch(() => '');
  assert.notEqual(answer, `${first}a`);
});

test('one that never starts is given up with its last line', async (t) => {
  const { service } = await prepare(
    t,
    () => `console.error(JSON.stringify({ msg: 'the volume is not there' })); process.exit(3);`,
  );
  await assert.rejects(service.start(), (error) => {
    assert.ok(error instanceof ServiceError);
    assert.match(
      error.message,
      /the hook does not start \(exit code 3\): the volume is not there; its log is /,
    );
    return true;
  });
});

test('it can be replaced by one with other words', async (t) => {
  const { service, url, folder, port, spec } = await prepare(t, (own) => server(own, 'a'));
  await service.start();
  const other = join(folder, 'other.mjs');
  await writeFile(other, server(port, 'b'));
  await service.replace({ ...spec, command: [other] });
  assert.equal(await ask(url), `${service.pid}b`);
});

test('stop while it is not ready yet ends the wait', async (t) => {
  const { service, port } = await prepare(t, () => `setInterval(() => {}, 1000);`);
  const blocked = createServer().listen(port, '127.0.0.1');
  blocked.on('request', (_request, response) => response.writeHead(503).end());
  await once(blocked, 'listening');
  t.after(() => blocked.close());
  const asked = once(blocked, 'request');
  const started = service.start();
  await asked;
  await service.stop();
  await started;
});
