import { type Scrubbed, type ScrubOptions, scrub } from '../../oci/store/scrub.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Volume } from '../volume.ts';
import { type Repeating, repeat } from './repeating.ts';

type Scrub = (tree: string, options: ScrubOptions) => Promise<Scrubbed>;

/** A keeper that has just started has other things to do, in milliseconds. */
const first = 600_000;

/**
 * Scrubs each namespace of the volume again and again until `stop`. What was bad is told in the log; the hook learns of
 * it as it asks for the image.
 * @param every milliseconds from one scrubbing to the next; 0 for none at all.
 */
export function startScrubbing(
  volume: Volume,
  every: number,
  logger: Logger,
  scrubOne: Scrub = scrub,
): Repeating {
  return repeat(every, first, async (signal) => {
    try {
      for (const namespace of await volume.see((store) => store.namespaces()))
        await scrubNamespace(volume, namespace, logger, (tree) => scrubOne(tree, { signal }));
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'nothing could be scrubbed; it is tried again');
    }
  });
}

async function scrubNamespace(
  volume: Volume,
  namespace: string,
  logger: Logger,
  scrubOne: (tree: string) => Promise<Scrubbed>,
): Promise<void> {
  try {
    const { bad, ...done } = await volume.see((store) => scrubOne(store.treePath(namespace)));
    for (const digest of bad)
      logger.error(
        { namespace, digest },
        "a blob's bytes are not those of its name; it was taken out of service",
      );
    logger.info({ namespace, ...done, bad: bad.length }, 'scrubbed');
  } catch (error) {
    logger.warn(
      { namespace, reason: messageOf(error) },
      'the namespace could not be scrubbed; it is tried again',
    );
  }
}
