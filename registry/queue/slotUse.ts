import type { SlotUse } from '../../runtime/contract/turn.ts';

/** Longest name of a Pod that is taken: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const longest = 253;

/** Reads what the hook sent; undefined where it is no use of a slot. */
export function parseSlotUse(value: unknown): SlotUse | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { use, pod, since, running }: Readonly<Record<string, unknown>> = { ...value };
  if (use === 'Free') return { use };
  if (typeof pod !== 'string' || pod === '' || pod.length > longest) return undefined;
  if (typeof since !== 'string' || Number.isNaN(Date.parse(since))) return undefined;
  if (use === 'Start') return { use, pod, since };
  return use === 'Hold' && typeof running === 'boolean' ? { use, pod, since, running } : undefined;
}
