import { Counter, type Registry } from '../runtime/metrics.ts';
import { statusChange } from './status/change.ts';
import { field } from './status/field.ts';

export interface HookMetrics {
  /**
   * Counts a sync.
   * @param before the status in the request.
   * @param now the status in the answer.
   * @returns the state that the image is said to be in.
   */
  synced(before: unknown, now: unknown): string;
}

/** The kubelet's reasons are CamelCase words, of which there are a few; what is not one shares a label. */
const word = /^[A-Z][A-Za-z]{2,39}$/;

/**
 * What the hook counts of images. It keeps no state and has replicas: each counts what it answered, so sum them. An
 * answer that the API server did not take is given and counted again.
 */
export function hookMetrics(registry: Registry): HookMetrics {
  const syncs = new Counter({
    name: 'niximage_syncs_total',
    help: 'Syncs answered, by the state that the image was said to be in.',
    labelNames: ['state'],
    registers: [registry],
  });
  const changes = new Counter({
    name: 'niximage_status_changes_total',
    help: "Times that an image's state or the reason of its condition Ready became this one.",
    labelNames: ['state', 'reason'],
    registers: [registry],
  });
  return {
    synced(before, now) {
      const said = field(now, 'state');
      const state = typeof said === 'string' ? said : 'none';
      syncs.inc({ state });
      const change = statusChange(before, now);
      if (change !== undefined)
        changes.inc({ state: change.state, reason: word.test(change.reason) ? change.reason : 'Other' });
      return state;
    },
  };
}
