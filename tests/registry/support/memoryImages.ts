import { createHash } from 'node:crypto';
import { createAccess } from '../../../registry/access/access.ts';
import { createService, type ServiceOptions } from '../../../registry/serve/app.ts';
import type { Images } from '../../../registry/serve/images.ts';
import { createWaiting, type Waiting } from '../../../registry/serve/waiting.ts';
import { listen, type RunningServer } from '../../../runtime/httpServer.ts';
import { createLogger } from '../../../runtime/log.ts';

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Images of one repository `default/app`, without a volume: for what is about HTTP and not about files. */
export function memoryImages(
  tags: Readonly<Record<string, Buffer>>,
  blobs: readonly Buffer[],
  changes: Partial<Images> = {},
): Images {
  const manifests = new Map(Object.values(tags).map((bytes) => [digestOf(bytes), bytes]));
  const contents = new Map(blobs.map((bytes) => [digestOf(bytes), bytes]));
  const ours = ({ namespace, name }: { namespace: string; name: string }): boolean =>
    namespace === 'default' && name === 'app';
  return {
    async resolve(repository, tag) {
      const bytes = ours(repository) && Object.hasOwn(tags, tag) ? tags[tag] : undefined;
      return bytes === undefined ? undefined : digestOf(bytes);
    },
    async manifest(repository, digest) {
      const bytes = ours(repository) ? manifests.get(digest) : undefined;
      return bytes === undefined ? undefined : { digest, mediaType: manifestType, bytes };
    },
    async blob(repository, digest) {
      const bytes = ours(repository) ? contents.get(digest) : undefined;
      return bytes === undefined ? undefined : { size: bytes.length, source: { kind: 'Memory', bytes } };
    },
    async tags(repository) {
      return ours(repository) ? Object.keys(tags).toSorted() : undefined;
    },
    async exists(repository) {
      return ours(repository);
    },
    async news() {
      return undefined;
    },
    async referrers() {
      return [];
    },
    forget() {},
    recall() {
      return undefined;
    },
    recallTag() {
      return undefined;
    },
    recallTags() {
      return undefined;
    },
    recallReferrers() {
      return undefined;
    },
    async ready() {
      return true;
    },
    ...changes,
  };
}

/** Serves `images` until the test ends; `log` gets each line of the log. */
export async function serveImages(
  t: { after(end: () => Promise<void>): void },
  images: Images,
  log: (line: string) => void = () => {},
  waiting: Waiting = createWaiting(0),
  options: ServiceOptions = {},
): Promise<RunningServer> {
  const logger = createLogger({ name: 'test', level: 'debug', destination: { write: log } });
  const served = { images, access: createAccess(() => []), pushing: undefined, waiting };
  const server = await listen(createService(served, logger, options).handler, {
    host: '127.0.0.1',
    port: 0,
    limits: { maxConnections: 20_000 },
  });
  t.after(() => server.close());
  return server;
}
