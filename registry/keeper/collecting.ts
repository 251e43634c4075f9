import { type Collected, collect } from '../../oci/store/collect.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Volume } from '../volume.ts';
import { type Repeating, repeat } from './repeating.ts';

type Collect = (tree: string) => Promise<Collected>;

/** Collects each namespace of the volume, and the trees of those that are gone. One that cannot be collected does not keep the others from it. */
export async function collectAll(
  volume: Volume,
  logger: Logger,
  collectOne: Collect = collect,
): Promise<void> {
  const namespaces = await volume.see((store) => store.namespaces());
  for (const namespace of namespaces)
    try {
      const collected = await volume.see((store) => collectOne(store.treePath(namespace)));
      if (Object.values(collected).some((count) => count > 0))
        logger.info({ namespace, ...collected }, 'collected');
    } catch (error) {
      logger.warn(
        { namespace, reason: reasonOf(error) },
        'the namespace could not be collected; it is tried again',
      );
    }
  const folders = await volume.see((store) => store.emptyTrash());
  if (folders > 0) logger.info({ folders }, 'what was left of deleted namespaces is removed');
}

/** The first collection comes this soon after the start, in milliseconds: a keeper that restarts often collects too. */
const soon = 60_000;

/**
 * Collects again and again until `stop`, which waits for the one under way.
 * @param every milliseconds between two collections; 0 for none at all.
 */
export function startCollecting(
  volume: Volume,
  every: number,
  logger: Logger,
  collectOne: Collect = collect,
): Repeating {
  return repeat(every, soon, () =>
    collectAll(volume, logger, collectOne).catch((error: unknown) => {
      logger.warn({ reason: reasonOf(error) }, 'nothing could be collected; it is tried again');
    }),
  );
}

/** What went wrong with the volume, where a client would be told only that it cannot be read. */
function reasonOf(error: unknown): string {
  return messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
