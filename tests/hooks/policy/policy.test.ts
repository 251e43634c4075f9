import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  defaultGrants,
  isAllowed,
  type Policy,
  parsePolicy,
  policyOf,
} from '../../../hooks/policy/policy.ts';
import { refusalOf } from '../../../hooks/policy/refusal.ts';
import { rules } from '../../../hooks/policy/rules.ts';
import type { ImageData } from '../../../hooks/resource/niximage.ts';

function policy(text: string): Policy {
  const parsed = parsePolicy(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

const allowed = (text: string, namespace: string): string[] =>
  rules.filter((rule) => isAllowed(policy(text), namespace, rule)).map(({ name }) => name);
const all = rules.map(({ name }) => name);

const lent = { checkouts: { volume: { emptyDir: {} } } };

describe('what a namespace may use', () => {
  const rows: { reason: string; text: string; namespace?: string; may: readonly string[] }[] = [
    { reason: 'one rule', text: 'scripts', may: ['scripts'] },
    { reason: 'several, with spaces', text: 'inline-nix, scripts', may: ['inline-nix', 'scripts'] },
    { reason: 'all', text: 'all', may: all },
    { reason: 'none', text: 'none', may: [] },
    {
      reason: 'what holds where nothing is said, and one more',
      text: 'default,team-a/secrets',
      may: all.filter((name) => name === 'secrets' || defaultGrants.some((rule) => rule.name === name)),
    },
    { reason: 'of this namespace', text: 'team-a/inline-nix', may: ['inline-nix'] },
    { reason: 'of another', text: 'team-b/inline-nix,scripts', may: ['scripts'] },
    { reason: 'of a pattern', text: 'team-*/all', may: all },
    { reason: 'a pattern matches the whole name', text: 'eam-*/all,team/all', may: [] },
  ];
  for (const { reason, text, namespace = 'team-a', may } of rows)
    test(reason, () => assert.deepEqual(allowed(text, namespace), may));

  test('Nix code of the manifest is off where the operator says nothing', () => {
    const names = defaultGrants.map(({ name }) => name);
    assert.ok(names.includes('scripts'));
    assert.ok(!names.includes('inline-nix'));
  });
});

describe('what is no policy is refused', () => {
  for (const text of ['', 'inline', 'a/b/scripts', 'Team/scripts', 'scripts,', 'team-a/'])
    test(JSON.stringify(text), () => assert.equal(parsePolicy(text).ok, false));
});

describe('a refusal names the field, the namespace and the rule', () => {
  const rows: { reason: string; data: Partial<ImageData>; field: string; rule: string }[] = [
    {
      reason: 'an overlay',
      data: { overlays: [{ inline: 'f: p: { }' }] },
      field: 'data.overlays[0].inline',
      rule: 'inline-nix',
    },
    {
      reason: 'an expression',
      data: { expression: { inline: '7' } },
      field: 'data.expression.inline',
      rule: 'inline-nix',
    },
    {
      reason: 'an overlay from a ConfigMap',
      data: { overlays: [{ configMap: { name: 'a', key: 'b' } }] },
      field: 'data.overlays[0].configMap',
      rule: 'inline-nix',
    },
    {
      reason: 'a cache',
      data: { nix: { substituters: ['https://a.example'] } },
      field: 'data.nix.substituters',
      rule: 'caches',
    },
    {
      reason: 'a cache that packages are copied into',
      data: { nix: { pushTo: ['https://a.example'] } },
      field: 'data.nix.pushTo',
      rule: 'push',
    },
    {
      reason: 'a claim that keeps /nix',
      data: { nix: { claim: 'nix' } },
      field: 'data.nix.claim',
      rule: 'kept-nix',
    },
    {
      reason: 'a machine that builds',
      data: { nix: { builders: [{ uri: 'ssh://a.example' }] } },
      field: 'data.nix.builders',
      rule: 'remote-builders',
    },
    {
      reason: 'a secret',
      data: { secrets: { netrc: 'passwords' } },
      field: 'data.secrets.netrc',
      rule: 'secrets',
    },
    { reason: 'a script', data: { extraCommands: 'true' }, field: 'data.extraCommands', rule: 'scripts' },
    {
      reason: 'a source',
      data: { sources: [{ name: 'a', channel: 'nixos-25.11' }] },
      field: 'data.sources',
      rule: 'sources',
    },
    {
      reason: 'a folder of Nix code in the manifest',
      data: { sources: [{ name: 'a', files: [{ path: 'default.nix', text: '{ }' }] }] },
      field: 'data.sources[0].files',
      rule: 'inline-nix',
    },
    {
      reason: 'a folder of Nix code in a ConfigMap',
      data: { sources: [{ name: 'a', configMap: { name: 'a' } }] },
      field: 'data.sources[0].configMap',
      rule: 'inline-nix',
    },
    {
      reason: 'a folder on a volume',
      data: { sources: [{ name: 'a', volume: { name: 'checkouts' } }] },
      field: 'data.sources[0].volume',
      rule: 'source-volumes',
    },
    {
      reason: 'a package of a flake',
      data: { contents: ['curl', 'github:owner/repo#cli'] },
      field: 'data.contents[1]',
      rule: 'sources',
    },
    {
      reason: 'a node of its own',
      data: { pod: { nodeSelector: { disk: 'ssd' } } },
      field: 'data.pod.nodeSelector',
      rule: 'pod-placement',
    },
    {
      reason: 'annotations of the Pod',
      data: { pod: { annotations: { a: 'b' } } },
      field: 'data.pod.annotations',
      rule: 'pod-metadata',
    },
    {
      reason: 'a service account',
      data: { pod: { serviceAccountName: 'admin' } },
      field: 'data.pod.serviceAccountName',
      rule: 'service-account',
    },
    {
      reason: 'a secret to pull by',
      data: { pod: { imagePullSecrets: ['a'] } },
      field: 'data.pod.imagePullSecrets',
      rule: 'pull-secrets',
    },
    {
      reason: "nixpkgs' config",
      data: { nixpkgsConfig: { allowUnfree: true } },
      field: 'data.nixpkgsConfig',
      rule: 'nixpkgs-config',
    },
    {
      reason: 'an image from elsewhere',
      data: { fromImage: { imageName: 'debian' } },
      field: 'data.fromImage.imageName',
      rule: 'pulled-images',
    },
  ];
  for (const { reason, data, field, rule } of rows)
    test(reason, () => {
      const image = { name: 'a', namespace: 'team-a', data: { tag: 'v1', defaults: true, ...data } };
      const others = rules.filter(({ name }) => name !== rule);
      assert.equal(
        refusalOf(image, policyOf(others), {}, lent),
        `${field} is not allowed in the namespace team-a, by the rule ${rule} of this cluster's policy; leave it out, or ask the operator to allow team-a/${rule}`,
      );
      assert.equal(refusalOf(image, policyOf(rules), {}, lent), undefined);
      assert.equal(refusalOf(image, policy(`none,team-a/${rule}`), {}, lent), undefined);
    });
});
