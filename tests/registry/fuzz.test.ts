import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServe } from '../../registry/start.ts';
import { createLogger } from '../../runtime/log.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { fuzz, writeSecrets } from './support/fuzz.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

for (const pushToken of [undefined, 'a-token'])
  test(`raw paths lead nowhere and break nothing, with pushes ${pushToken === undefined ? 'off' : 'on'}`, async (t) => {
    const folder = await temporaryFolder(t);
    const extra = await writeSecrets(folder);
    const configuration = { store: join(folder, 'store'), host: '127.0.0.1', port: 0 };
    const server = await startServe(
      { ...configuration, ...(pushToken === undefined ? {} : { pushToken }) },
      logger,
    );
    t.after(() => server.close());
    const { statuses } = await fuzz(server.url, {
      count: 4000,
      seed: Date.now() % 1_000_000,
      extra,
      ...(pushToken === undefined ? {} : { token: pushToken }),
    });
    assert.ok((statuses.get(200) ?? 0) > 0, 'some paths are real ones');
    assert.ok((statuses.get(404) ?? 0) > 100);
  });
