import type { NixImage } from '../resource/niximage.ts';
import { excessOf, type Limits } from './limits.ts';
import { isAllowed, type Policy } from './policy.ts';
import { rules } from './rules.ts';
import { type SourceVolumes, volumeRefusal } from './sourceVolumes.ts';

/**
 * Why the image is refused, in a sentence with the name of the rule or limit; undefined where all that it uses is
 * allowed.
 */
export function refusalOf(
  { namespace, data }: NixImage,
  policy: Policy,
  limits: Limits,
  volumes: SourceVolumes,
): string | undefined {
  for (const rule of rules) {
    const [field] = rule.uses(data);
    if (field === undefined || isAllowed(policy, namespace, rule)) continue;
    return `${field} is not allowed in the namespace ${namespace}, by the rule ${rule.name} of this cluster's policy; leave it out, or ask the operator to allow ${namespace}/${rule.name}`;
  }
  return volumeRefusal(data, volumes) ?? excessOf(data.pod ?? {}, limits);
}
