import { optional, parsed, text as plainText, withDefault } from '../../runtime/options.ts';
import type { PodOptions } from '../children/podOptions.ts';
import { checkPodOptions } from '../resource/validate.ts';
import { parseImmutableTags } from './immutableTags.ts';
import { limitNames } from './limits.ts';
import { defaultGrants, parsePolicy, policyOf } from './policy.ts';
import { sourceVolumesOption } from './sourceVolumes.ts';

export const policyOptions = {
  allow: withDefault(
    parsed(
      'RULES',
      'What manifests may use: rules with commas between them, each for all namespaces or as NAMESPACE/RULE.',
      parsePolicy,
    ),
    policyOf(defaultGrants),
    defaultGrants.map(({ name }) => name).join(','),
  ),
  'immutable-tags': optional(
    parsed(
      'NAMESPACES',
      'Where a tag that is served takes no other contents, with commas between them; * stands for all.',
      parseImmutableTags,
    ),
  ),
  'builder-pod': optional(
    parsed('JSON', 'Defaults of data.pod for all manifests.', (text) => podOptions(text, () => true)),
  ),
  'builder-nix-config': optional(
    plainText('SETTINGS', "Settings of Nix's for every builder, as nix.conf has them, such as its caches."),
  ),
  'source-volumes': sourceVolumesOption,
  'builder-limits': optional(
    parsed('JSON', `The most that data.pod may ask for: ${limitNames.join(', ')}.`, (text) =>
      podOptions(text, (name) => limitNames.some((limit) => limit === name)),
    ),
  ),
};

type ParsedOptions =
  | { readonly ok: true; readonly value: PodOptions }
  | { readonly ok: false; readonly expected: string };

/** Fields of data.pod, as the CRD's schema has them. */
function podOptions(text: string, isWanted: (name: string) => boolean): ParsedOptions {
  const expected = 'JSON with fields of data.pod, such as {"memory":"4Gi"}';
  try {
    const value: unknown = JSON.parse(text);
    return checkPodOptions(value) && Object.keys(value).every(isWanted)
      ? { ok: true, value }
      : { ok: false, expected };
  } catch {
    return { ok: false, expected };
  }
}
