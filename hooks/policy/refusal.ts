import type { NixImage } from '../resource/niximage.ts';
import { isAllowed, type Policy } from './policy.ts';
import { rules } from './rules.ts';

/** Why the image is refused, in a sentence with the rule's name; undefined where all that it uses is allowed. */
export function refusalOf({ namespace, data }: NixImage, policy: Policy): string | undefined {
  for (const rule of rules) {
    const [field] = rule.uses(data);
    if (field === undefined || isAllowed(policy, namespace, rule)) continue;
    return `${field} is not allowed in the namespace ${namespace}, by the rule ${rule.name} of this cluster's policy; leave it out, or ask the operator to allow ${namespace}/${rule.name}`;
  }
  return undefined;
}
