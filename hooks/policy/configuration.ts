import { parsed, withDefault } from '../../runtime/options.ts';
import { defaultGrants, parsePolicy, policyOf } from './policy.ts';

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
};
