import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServe } from '../../registry/start.ts';
import { createLogger } from '../../runtime/log.ts';
import { fuzz, writeSecrets } from './support/fuzz.ts';

/** `npm run test:fuzz [-- COUNT]`: 200,000 raw requests, or COUNT. */
const token = 'a-token';
const count = Number(process.argv[2] ?? 200_000);
const folder = await mkdtemp(join(tmpdir(), 'niximage-fuzz-'));
try {
  const extra = await writeSecrets(folder);
  const logger = createLogger({ name: 'fuzz', level: 'fatal' });
  const server = await startServe(
    { store: join(folder, 'store'), host: '127.0.0.1', port: 0, pushToken: token },
    logger,
  );
  try {
    const { statuses } = await fuzz(server.url, { count, seed: Date.now() % 1_000_000_000, extra, token });
    const lines = [...statuses]
      .sort(([one], [other]) => one - other)
      .map(([status, many]) => `${status || 'closed'}: ${many}`);
    console.log(lines.join('\n'));
  } finally {
    await server.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
