import { type Handler, type ListenOptions, listen, type RunningServer } from '../runtime/httpServer.ts';
import type { Logger } from '../runtime/log.ts';
import { createMetrics, measured, type Registry } from '../runtime/metrics.ts';
import { createAccess } from './access/access.ts';
import type { TlsFiles } from './access/tlsFiles.ts';
import { watchedCertificate, watchedGrants } from './access/watched.ts';
import { initialiseEmpty } from './initialise.ts';
import { startCollecting } from './keeper/collecting.ts';
import { isServed } from './keeper/imageState.ts';
import { startScrubbing } from './keeper/scrubbing.ts';
import { createKeeping } from './keeper/storeKeeping.ts';
import { createPushing } from './push/pushing.ts';
import { createSlots, type Slots } from './queue/slots.ts';
import { createService, type ServiceOptions } from './serve/app.ts';
import { createCachedImages } from './serve/cachedImages.ts';
import { createStoreImages } from './serve/storeImages.ts';
import { createWaiting } from './serve/waiting.ts';
import { createVolume, type Volume } from './volume.ts';

interface SharedConfiguration {
  /** Root of the volume that holds the images. */
  readonly store: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whether an empty volume is marked as ours. */
  readonly initialise?: boolean;
  /** How long `close` lets running requests go on; default 60 s. */
  readonly drainMilliseconds?: number;
}

export interface ServeConfiguration extends SharedConfiguration {
  /** Memory for manifests and small blobs; default 32 MiB. */
  readonly cacheBytes?: number;
  /** Where nginx in front has the volume; it sends blobs of more than a MiB then (X-Accel-Redirect). */
  readonly accelerator?: string;
  /** How long a request for an image that is being built is held; default 0. */
  readonly waitMilliseconds?: number;
  /** Requests that a process answers at once; default 2,000. */
  readonly mostRequests?: number;
  /** Lets whoever shows it push and delete; without it `serve` only reads. */
  readonly pushToken?: string;
  /** Who may read and write what (`readAccessFile`); read again when it changes. */
  readonly accessFile?: string;
  /** Serves https; read again when they change. */
  readonly tls?: TlsFiles;
}

export interface KeeperConfiguration extends SharedConfiguration {
  /** What the hook must show. */
  readonly token: string;
  /** Milliseconds from one collection of unused blobs to the next; 0, the default, for none. */
  readonly collectEvery?: number;
  /** Milliseconds from one reading of all blobs to the next; 0, the default, for none. */
  readonly scrubEvery?: number;
  /** How many builds there may be at once; default as many as come. */
  readonly builds?: number;
  /** Milliseconds for which a slot waits for its Pod to run; default 30 s. */
  readonly buildPatience?: number;
}

/**
 * Starts the distribution API; `isShared` says that other processes listen on the same port. A volume that is absent is no error: it answers 503 until the volume is there.
 * @throws {ListenError} when the address cannot be had, {InitialiseError} when `initialise` finds a folder that is not empty.
 */
export async function startServe(
  configuration: ServeConfiguration,
  logger: Logger,
  { isShared = false, ...metrics }: ServiceOptions & { readonly isShared?: boolean } = {},
): Promise<RunningServer> {
  const volume = await openVolume(configuration, logger);
  const { cacheBytes = 33_554_432 } = configuration;
  const images = createCachedImages(createStoreImages(volume), cacheBytes);
  const stops: (() => void)[] = [];
  const grants = await watchedGrants(configuration, logger, (stop) => stops.push(stop));
  const access = createAccess(grants);
  const waiting = createWaiting(configuration.waitMilliseconds ?? 0);
  const pushing = access.writable ? createPushing(volume) : undefined;
  const { accelerator, mostRequests } = configuration;
  const { handler, front } = createService({ images, access, pushing, waiting, accelerator }, logger, {
    ...metrics,
    mostRequests,
  });
  const tls = await watchedCertificate(configuration, logger, (stop) => stops.push(stop));
  // Whoever pushes a large layer over a slow line needs longer than for a request that asks for one.
  const requestMilliseconds = pushing === undefined ? 300_000 : 3_600_000;
  const limits = { maxConnections: 20_000, requestMilliseconds };
  const server = await start(handler, configuration, logger, { isShared, limits, tls, front });
  const close = async (): Promise<void> => {
    for (const stop of stops) stop();
    await server.close();
  };
  return { ...server, close };
}

/**
 * Starts the keeper's internal port, with the same care for an absent volume.
 * @throws {ListenError | InitialiseError} as `startServe` does.
 */
export async function startKeeper(
  configuration: KeeperConfiguration,
  logger: Logger,
): Promise<RunningServer> {
  const volume = await openVolume(configuration, logger);
  const { builds = Number.POSITIVE_INFINITY, buildPatience = 30_000 } = configuration;
  const slots = createSlots(volume, {
    root: configuration.store,
    limits: { builds, patience: buildPatience },
    isServed: (namespace, name, product) => isServed(volume, namespace, name, product),
  });
  // `serve` does without what this needs in memory.
  const { createKeeperHandler } = await import('./keeper/app.ts');
  const handler = createKeeperHandler(
    createKeeping(volume, slots),
    configuration.token,
    logger,
    keeperMetrics(volume, slots),
  );
  const server = await start(handler, configuration, logger);
  const { collectEvery = 0, scrubEvery = 0 } = configuration;
  const collecting = startCollecting(volume, collectEvery, logger);
  const scrubbing = startScrubbing(volume, scrubEvery, logger);
  return {
    ...server,
    async close() {
      await Promise.all([server.close(), collecting.stop(), scrubbing.stop()]);
    },
  };
}

function keeperMetrics(volume: Volume, slots: Slots): Registry {
  const metrics = createMetrics();
  const tell = (what: 'used' | 'free', help: string): void =>
    measured(metrics, `niximage_volume_${what}_bytes`, help, async () => (await volume.space())[what]);
  tell('used', 'Bytes of the volume that are used, by whomever.');
  tell('free', 'Bytes that may still be written to the volume.');
  const count = (what: 'building' | 'stuck' | 'waiting', help: string): void =>
    measured(metrics, `niximage_builds_${what}`, help, () => slots.counts()[what]);
  count('building', 'Builds that have a slot.');
  count('stuck', 'Builds whose Pod does not run, so that their slot was lent on.');
  count('waiting', 'Builds that wait for a slot.');
  return metrics;
}

async function openVolume({ store, initialise }: SharedConfiguration, logger: Logger): Promise<Volume> {
  if (initialise === true) await initialiseEmpty(store);
  const volume = createVolume(store);
  if (!(await volume.present()))
    logger.warn({ store }, 'the volume is absent or not marked; requests are answered 503 until it is there');
  return volume;
}

async function start(
  handler: Handler,
  { host, port, drainMilliseconds = 60_000 }: SharedConfiguration,
  logger: Logger,
  options: Pick<ListenOptions, 'isShared' | 'limits' | 'tls' | 'front'> = {},
): Promise<RunningServer> {
  return await listen(handler, {
    host,
    port,
    drainMilliseconds,
    ...options,
    onError: (error) => logger.error({ error }, 'a request failed outside its handler'),
  });
}
