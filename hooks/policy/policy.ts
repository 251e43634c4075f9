import { parseNamespaces } from './namespaces.ts';
import { type Rule, rules } from './rules.ts';

/** What the operator lets each namespace use. */
export interface Policy {
  readonly grants: readonly Grant[];
}

interface Grant {
  /** Matches the namespaces that it holds for. */
  readonly namespaces: RegExp;
  readonly rules: readonly Rule[];
}

type ParsedPolicy =
  | { readonly ok: true; readonly value: Policy }
  | { readonly ok: false; readonly expected: string };

/** What every namespace may use where the operator says nothing. */
export const defaultGrants: readonly Rule[] = rules.filter(({ byDefault }) => byDefault);

/** The policy by which every namespace may use these and nothing else. */
export function policyOf(granted: readonly Rule[]): Policy {
  return { grants: [{ namespaces: /^/, rules: granted }] };
}

/**
 * Reads `scripts,team-a/inline-nix`: names of rules with commas between them, each for every namespace or for
 * those that a pattern before a slash matches. `all` stands for every rule, `none` for none, and `default` for what
 * holds where nothing is said.
 */
export function parsePolicy(text: string): ParsedPolicy {
  const grants: Grant[] = [];
  for (const entry of text.split(',').map((each) => each.trim())) {
    const [name = '', pattern = '*', ...more] = entry.split('/').reverse();
    const granted = rulesOf(name);
    const namespaces = parseNamespaces(pattern);
    if (granted === undefined || more.length > 0 || namespaces === undefined)
      return {
        ok: false,
        expected: `rules with commas between them (${rules.map((rule) => rule.name).join(', ')}, all, none, default), each for all namespaces or as NAMESPACE/RULE`,
      };
    grants.push({ namespaces, rules: granted });
  }
  return { ok: true, value: { grants } };
}

/** Whether a namespace may use what the rule is about. */
export function isAllowed({ grants }: Policy, namespace: string, rule: Rule): boolean {
  return grants.some((grant) => grant.namespaces.test(namespace) && grant.rules.includes(rule));
}

function rulesOf(name: string): readonly Rule[] | undefined {
  if (name === 'none') return [];
  if (name === 'all') return rules;
  if (name === 'default') return defaultGrants;
  const found = rules.find((rule) => rule.name === name);
  return found === undefined ? undefined : [found];
}
