import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type ServeConfiguration, startServe } from '../../../registry/start.ts';
import { createLogger } from '../../../runtime/log.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { writeMarker, writeNamespace } from './volume.ts';

export interface Site {
  /** The volume's root; it has the namespace `default`. */
  readonly root: string;
  readonly url: string;
  /** `127.0.0.1:<port>`, as it stands in an image reference. */
  readonly host: string;
}

/** A volume of the test's own, served until the test ends; `changes` are to the server's configuration. */
export async function serveVolume(t: TestContext, changes: Partial<ServeConfiguration> = {}): Promise<Site> {
  const root = join(await temporaryFolder(t), 'store');
  await writeMarker(root);
  await writeNamespace(root, 'default');
  const logger = createLogger({ name: 'test', level: 'silent' });
  const server = await startServe({ store: root, host: '127.0.0.1', port: 0, ...changes }, logger);
  t.after(() => server.close());
  return { root, url: server.url, host: `127.0.0.1:${server.port}` };
}
