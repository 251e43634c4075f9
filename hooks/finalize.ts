import type { FinalizeResponse, SyncRequest } from './metacontroller.ts';
import { lastStatus } from './status/lastStatus.ts';

/** Seconds after which a Pod on its way out, or a keeper that did not answer, is asked after again. */
const askAgain = 2;

/** Whether the builders are gone, so that nobody publishes any more. */
export function isQuiet({ children }: SyncRequest): boolean {
  return children.pods.size === 0;
}

/**
 * No children any more; done once no builder is seen and the keeper has removed the tags.
 * @param removed whether the keeper did so, after `isQuiet`.
 */
export function finalize(request: SyncRequest, removed: boolean): FinalizeResponse {
  const { whole } = lastStatus(request.parent.object);
  const finalized = isQuiet(request) && removed;
  return { status: whole, children: [], finalized, ...(finalized ? {} : { resyncAfterSeconds: askAgain }) };
}
