import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Cluster, crdFile, startCluster } from './support/cluster.ts';

/** What the API server itself says to a manifest, by the CRD's schema and CEL rules. */
const rows: readonly {
  readonly reason: string;
  readonly name?: string;
  readonly data: unknown;
  readonly says: RegExp | 'created';
}[] = [
  {
    reason: 'the manifest of the design',
    data: { tag: 'v1', contents: ['curl', 'jq', 'bash'] },
    says: 'created',
  },
  {
    reason: 'every field',
    data: {
      contents: ['"my.pkg"', 'python3Packages.requests', '7zz', 'curl.dev', 'github:a/b?dir=c#d.dev'],
      config: {
        entrypoint: ['a'],
        cmd: ['b', ''],
        env: [{ name: 'A', value: '${x}\n' }],
        workingDir: '/',
        user: 1000,
        exposedPorts: [8080, '53/udp'],
        labels: { 'a.b/c': 'd' },
        stopSignal: 'SIGTERM',
        volumes: ['/data'],
      },
      maxLayers: 127,
      defaults: false,
    },
    says: 'created',
  },
  {
    reason: 'an image with arguments, sources, overlays and options of its Pod',
    data: {
      contents: ['tools.cli'],
      user: { name: 'web', uid: 4_294_967_294 },
      files: [{ path: '/etc/.a', text: 'b' }],
      locale: 'de_DE.UTF-8',
      timeZone: 'Europe/Berlin',
      fromImage: { attribute: 'base' },
      created: 'now',
      nixpkgsConfig: { allowUnfree: true, free: { form: [1, null] } },
      sources: [
        { name: 'tools', git: { url: 'https://example.org/a', ref: 'main' } },
        { name: 'nixpkgs', channel: 'nixos-25.11' },
        { name: 'mine', configMap: { name: 'nix' } },
        { name: 'own', files: [{ path: 'lib/.a.nix', text: '7' }] },
        { name: 'shared', volume: { name: 'checkouts', path: 'team-a/tools' } },
      ],
      overlays: [{ inline: 'final: prev: { }' }, { source: 'tools', path: 'a/b.nix' }],
      compression: 'zstd:19',
      tagPolicy: 'Immutable',
      suspend: true,
      pod: {
        cpu: 2,
        memory: '4Gi',
        timeout: 60,
        nodeSelector: { disk: 'ssd' },
        tolerations: [{ key: 'a', operator: 'Exists' }],
        affinity: { nodeAffinity: {} },
      },
    },
    says: 'created',
  },
  {
    reason: 'programs with packages of their own, and which files are linked',
    data: {
      withPackages: [{ package: 'python3', packages: ['requests', '"a.b"'] }],
      buildEnv: { pathsToLink: ['/bin'], ignoreCollisions: true, extraPrefix: '/opt' },
      layeringPipeline: [
        ['over', 'rest', ['pipe', [['limit_layers', 10]]]],
        ['a', [{ package: 'b' }]],
      ],
      extraExcludePaths: ['gcc'],
      debug: false,
    },
    says: 'created',
  },
  {
    reason: 'an expression beside an environment',
    data: { expression: { inline: '7' }, buildEnv: {} },
    says: /data\.expression is the whole image/,
  },
  {
    reason: 'a program twice',
    data: {
      withPackages: [
        { package: 'python3', packages: ['a'] },
        { package: 'python3', packages: ['b'] },
      ],
    },
    says: /data\.withPackages\[1\]: Duplicate value/,
  },
  { reason: 'an expression', data: { expression: { inline: '7' } }, says: 'created' },
  {
    reason: 'an expression beside a list',
    data: { contents: ['a'], expression: { inline: '7' } },
    says: /data\.expression is the whole image/,
  },
  {
    reason: 'an overlay from a source that is not there',
    data: { contents: ['a'], overlays: [{ source: 'b' }] },
    says: /an overlay names a source that data\.sources does not have/,
  },
  {
    reason: 'a source of two kinds',
    data: { contents: ['a'], sources: [{ name: 'b', channel: 'nixos-25.11', flake: 'github:a/b' }] },
    says: /a source is one of git, tarball, channel, flake, configMap, files and volume/,
  },
  {
    reason: 'two users',
    data: { contents: ['a'], user: { name: 'web' }, config: { user: 1 } },
    says: /leave data\.config\.user out/,
  },
  {
    reason: 'a base image without a digest',
    data: { contents: ['a'], fromImage: { imageName: 'debian' } },
    says: /needs imageDigest and hash/,
  },
  {
    reason: "Docker's media types with zstd",
    data: { contents: ['a'], mediaTypes: 'docker', compression: 'zstd:3' },
    says: /choose gzip or none/,
  },
  { reason: 'no contents', data: { contents: [] }, says: /data\.contents: .*at least 1 items/ },
  { reason: 'contents missing', data: { tag: 'v1' }, says: /data\.contents is missing; name one package/ },
  {
    reason: 'a space in an attribute path',
    data: { contents: ['curl', 'a b'] },
    says: /data\.contents\[1\]/,
  },
  {
    reason: 'a tag that bash would run',
    data: { tag: 'x"; touch F; : "', contents: ['a'] },
    says: /data\.tag/,
  },
  { reason: 'a tag of 129 letters', data: { tag: 'x'.repeat(129), contents: ['a'] }, says: /data\.tag/ },
  {
    reason: 'an unquoted tag',
    data: { tag: 1.28, contents: ['a'] },
    says: /data\.tag .*must be of type string/,
  },
  {
    reason: 'an entrypoint of nothing',
    data: { contents: ['a'], config: { entrypoint: [] } },
    says: /data\.config\.entrypoint must name a program/,
  },
  {
    reason: 'a field that is none',
    data: { contents: ['a'], bogus: 1 },
    says: /unknown field "data\.bogus"/,
  },
  {
    reason: 'layers that nobody can mount',
    data: { contents: ['a'], maxLayers: 128 },
    says: /data\.maxLayers/,
  },
  {
    reason: 'a port that is none',
    data: { contents: ['a'], config: { exposedPorts: ['http'] } },
    says: /data\.config\.exposedPorts\[0\]/,
  },
  {
    reason: 'a relative volume',
    data: { contents: ['a'], config: { volumes: ['data'] } },
    says: /data\.config\.volumes\[0\]/,
  },
  {
    reason: 'a name that fits no repository',
    name: 'x'.repeat(191),
    data: { contents: ['a'] },
    says: /metadata\.name must have at most 190 characters/,
  },
];

describe('the API server and the CRD', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster();
  });
  after(() => cluster.close());

  for (const { reason, name = 'image', data, says } of rows)
    test(reason, async () => {
      const manifest = { apiVersion: 'k8s.nixos.org/v1', kind: 'NixImage', metadata: { name }, data };
      const answer = await cluster.kubectl(
        ['create', '--dry-run=server', '-f', '-'],
        JSON.stringify(manifest),
      );
      if (says === 'created') assert.match(answer.stdout, /created \(server dry run\)/, answer.stderr);
      else assert.match(answer.stderr, says);
    });

  test('the definition is applied twice without a change', async () => {
    const words = ['get', 'crd', 'niximages.k8s.nixos.org', '-o', 'jsonpath={.metadata.generation}'];
    const { stdout: first } = await cluster.kubectl(words);
    await cluster.kubectl(['apply', '--server-side', '-f', crdFile]);
    const { stdout: second } = await cluster.kubectl(words);
    assert.equal(first, '1');
    assert.equal(second, '1');
  });
});
