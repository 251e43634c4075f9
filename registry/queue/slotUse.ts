import { isTag } from '../../oci/names.ts';
import type { Product, SlotUse } from '../../runtime/contract/turn.ts';

/** Longest name of a Pod that is taken: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const longest = 253;

/** Reads what the hook sent; undefined where it is no use of a slot. */
export function parseSlotUse(value: unknown): SlotUse | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const {
    use,
    pod,
    since,
    running,
    ready,
    untold,
    product: said,
  }: Readonly<Record<string, unknown>> = { ...value };
  if (use === 'Free') return { use };
  if (typeof pod !== 'string' || pod === '' || pod.length > longest) return undefined;
  if (typeof since !== 'string' || Number.isNaN(Date.parse(since))) return undefined;
  const product = said === undefined ? undefined : parseProduct(said);
  if (said !== undefined && product === undefined) return undefined;
  const claim = { pod, since, ...(product && { product }) };
  if (use === 'Start')
    return isFlag(ready) && isFlag(untold)
      ? { use, ...claim, ...(ready !== undefined && { ready }), ...(untold !== undefined && { untold }) }
      : undefined;
  return use === 'Hold' && typeof running === 'boolean' ? { use, ...claim, running } : undefined;
}

function isFlag(value: unknown): value is boolean | undefined {
  return value === undefined || typeof value === 'boolean';
}

/** Undefined where it is none. */
export function parseProduct(value: unknown): Product | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { tag, inputHash, uid }: Readonly<Record<string, unknown>> = { ...value };
  if (typeof tag !== 'string' || !isTag(tag) || typeof inputHash !== 'string' || typeof uid !== 'string')
    return undefined;
  return { tag, inputHash, uid };
}
