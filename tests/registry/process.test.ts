import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { InitialiseError } from '../../registry/initialise.ts';
import { runRegistry } from '../../registry/main.ts';
import { startKeeper, startServe } from '../../registry/start.ts';
import { ListenError } from '../../runtime/httpServer.ts';
import { createLogger } from '../../runtime/log.ts';
import { OptionError } from '../../runtime/options.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { ask, begin } from './support/client.ts';
import { digestOf } from './support/memoryImages.ts';
import { blobPath, writeMarker, writeNamespace } from './support/volume.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const local = { host: '127.0.0.1', port: 0 } as const;
const run = (words: readonly string[], signal = AbortSignal.abort('SIGTERM')): Promise<number> =>
  runRegistry(words, {}, signal, () => {});

describe('niximage registry', () => {
  test('prints help for itself and for both parts', async () => {
    for (const words of [['--help'], ['serve', '--help'], ['keeper', '-h'], ['initialise', '--help']]) {
      const printed: string[] = [];
      assert.equal(
        await runRegistry(words, {}, new AbortController().signal, (text) => printed.push(text)),
        0,
      );
      assert.match(printed.join(''), /^Usage: niximage registry /);
    }
  });

  const wrong: readonly { readonly words: readonly string[]; readonly says: RegExp }[] = [
    { words: [], says: /niximage registry serve, keeper or initialise/ },
    { words: ['server'], says: /"server": it is serve, keeper or initialise/ },
    { words: ['serve'], says: /--store is missing/ },
    { words: ['serve', '--store=x', '--port=70000'], says: /--port must be/ },
    { words: ['serve', '--store=x', 'more'], says: /"more" is one word too many/ },
    { words: ['keeper', '--store=x'], says: /--token-file is missing/ },
  ];
  for (const { words, says } of wrong)
    test(`says what is wrong with: ${words.join(' ')}`, async () => {
      await assert.rejects(run(words), (error: unknown) => {
        assert.ok(error instanceof OptionError);
        assert.match(error.message, says);
        return true;
      });
    });

  test('initialise marks an empty folder, leaves a marked one as it is, and refuses another', async (t) => {
    const store = await temporaryFolder(t);
    const mark = (): Promise<string> => readFile(join(store, '_marker.json'), 'utf8');
    assert.equal(await run(['initialise', `--store=${store}`]), 0);
    const first = await mark();
    assert.equal(await run(['initialise', `--store=${store}`]), 0);
    assert.equal(await mark(), first);
    const other = await temporaryFolder(t);
    await writeFile(join(other, 'a'), '');
    await assert.rejects(run(['initialise', `--store=${other}`]), /is not empty and has no _marker\.json/);
  });

  test('runs both parts until the signal, on a volume that it marks', async (t) => {
    const folder = await temporaryFolder(t);
    const store = join(folder, 'store');
    await writeFile(join(folder, 'token'), 'a-token\n');
    const common = [`--store=${store}`, '--host=127.0.0.1', '--port=0', '--initialise', '--log-level=silent'];
    assert.equal(await run(['keeper', ...common, `--token-file=${join(folder, 'token')}`]), 0);
    const mark = await readFile(join(store, '_marker.json'), 'utf8');
    assert.equal(await run(['serve', ...common]), 0);
    assert.equal(await readFile(join(store, '_marker.json'), 'utf8'), mark);
  });

  test('names the port that is taken and what to do', async (t) => {
    const store = await temporaryFolder(t);
    const server = await startServe({ store, ...local }, logger);
    t.after(() => server.close());
    const port = `--port=${server.port}`;
    await assert.rejects(
      run(['serve', `--store=${store}`, '--host=127.0.0.1', port, '--log-level=silent']),
      (error: unknown) => {
        assert.ok(error instanceof ListenError);
        assert.match(error.message, new RegExp(`port ${server.port} .* in use .*; choose another port`));
        return true;
      },
    );
  });
});

describe('the volume', () => {
  test('is not marked where the folder holds something else', async (t) => {
    const store = await temporaryFolder(t);
    await writeFile(join(store, 'photo.jpg'), '');
    await assert.rejects(startServe({ store, ...local, initialise: true }, logger), InitialiseError);
    assert.deepEqual(await readdir(store), ['photo.jpg']);
  });

  test('may come after the processes', async (t) => {
    const store = join(await temporaryFolder(t), 'store');
    const serve = await startServe({ store, ...local }, logger);
    t.after(() => serve.close());
    const keeper = await startKeeper({ store, ...local, token: 'a' }, logger);
    t.after(() => keeper.close());
    for (const { url } of [serve, keeper]) assert.equal((await ask(url, '/readyz')).status, 503);
    await mkdir(store);
    for (const { url } of [serve, keeper]) assert.equal((await ask(url, '/readyz')).status, 503);
    await writeMarker(store);
    for (const { url } of [serve, keeper]) assert.equal((await ask(url, '/readyz')).status, 200);
    assert.equal((await ask(serve.url, '/v2/app/manifests/v1')).status, 404);
  });
});

test('a download that runs when the server is told to stop ends whole', async (t) => {
  const store = join(await temporaryFolder(t), 'store');
  await writeMarker(store);
  await writeNamespace(store, 'default');
  const bytes = Buffer.alloc(30_000_000, 7);
  await writeFile(blobPath(store, 'default', bytes), bytes);
  const server = await startServe({ store, ...local }, logger);
  let stopped: Promise<void> | undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of await begin(server.url, `/v2/app/blobs/${digestOf(bytes)}`)) {
    stopped ??= server.close();
    chunks.push(chunk);
  }
  assert.ok(Buffer.concat(chunks).equals(bytes));
  await stopped;
  await assert.rejects(ask(server.url, '/v2/'), { code: 'ECONNREFUSED' });
});
