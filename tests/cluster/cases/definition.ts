import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { type Cluster, crdFile } from '../support/cluster.ts';
import type { Answer } from '../support/controlPlane.ts';
import { badFields, dataWith, namedAs } from './badFields.ts';

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
    reason: 'an expression from a source that is not there',
    data: { expression: { source: 'b' } },
    says: /data\.expression names a source that data\.sources does not have/,
  },
  {
    reason: 'an expression from two places',
    data: { expression: { inline: '7', configMap: { name: 'a', key: 'b' } } },
    says: /data\.expression is inline, from a source, or from a configMap/,
  },
  {
    reason: 'a path of an expression that no source holds',
    data: { expression: { inline: '7', path: 'a.nix' } },
    says: /data\.expression: .*a path belongs to a source/,
  },
  {
    reason: 'an overlay from nowhere',
    data: { contents: ['a'], overlays: [{}] },
    says: /data\.overlays\[0\]: .*an overlay is inline, from a source, or from a configMap/,
  },
  {
    reason: 'a path of an overlay that no source holds',
    data: { contents: ['a'], overlays: [{ inline: 'f: p: { }', path: 'a.nix' }] },
    says: /data\.overlays\[0\]: .*a path belongs to a source/,
  },
  {
    reason: 'a file of two texts',
    data: { contents: ['a'], files: [{ path: '/a', text: 'b', configMap: { name: 'c' } }] },
    says: /data\.files\[0\]: .*a file has a text, or is from a configMap/,
  },
  {
    reason: 'one file twice',
    data: { contents: ['a'], files: ['b', 'c'].map((text) => ({ path: '/a', text })) },
    says: /data\.files\[1\]: Duplicate value/,
  },
  {
    reason: 'one variable twice',
    data: { contents: ['a'], config: { env: ['b', 'c'].map((value) => ({ name: 'A', value })) } },
    says: /data\.config\.env\[1\]: Duplicate value/,
  },
  {
    reason: 'one source twice',
    data: {
      contents: ['a'],
      sources: ['nixos-25.05', 'nixos-25.11'].map((channel) => ({ name: 'b', channel })),
    },
    says: /data\.sources\[1\]: Duplicate value/,
  },
  {
    reason: 'a base image of two kinds',
    data: { contents: ['a'], fromImage: { attribute: 'a', imageName: 'b' } },
    says: /data\.fromImage names one image, by attribute or by imageName/,
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

/** The definition of NixImages before the API server. */
export function definitionCases(cluster: () => Cluster): void {
  describe('a manifest', () => {
    const named = rows.map(({ reason, name, data, says }, index) => ({
      name: name ?? `row-${index}`,
      reason,
      data,
      says,
    }));
    let answers: ReadonlyMap<string, string>;
    before(async () => {
      const { stdout, stderr } = await tryAll(cluster(), named);
      const created = new Set(
        [...stdout.matchAll(/\/(\S+) created \(server dry run\)$/gm)].map(([, name]) => name),
      );
      // Not each names its object, but they stand in the objects' order.
      const refused = named.filter(({ name }) => !created.has(name));
      const blocks = blocksOf(stderr);
      assert.equal(blocks.length, refused.length, stderr);
      answers = new Map(refused.map(({ name }, index) => [name, blocks[index] ?? '']));
    });

    for (const { reason, name, says } of named)
      test(reason, () => {
        const answer = answers.get(name) ?? 'created';
        if (says === 'created') assert.equal(answer, says);
        else assert.match(answer, says);
      });
  });

  describe('a bad value in each field', () => {
    const names = Object.keys(badFields);
    let answers: ReadonlyMap<string, string>;
    before(async () => {
      const images = names.map((path, index) => ({
        name: `row-${index}`,
        data: dataWith(path, badFields[path]),
      }));
      const { stdout, stderr } = await tryAll(cluster(), images);
      assert.equal(stdout, '', 'each is refused');
      answers = new Map(blocksOf(stderr).map((block) => [/"row-(\d+)"/.exec(block)?.[1] ?? '', block]));
    });

    for (const [index, path] of names.entries())
      test(path, () => {
        const answer = answers.get(String(index)) ?? '';
        assert.ok(answer.includes(`${namedAs(path)}: `), answer);
      });

    test('no field is left out', async () => {
      const schema = parse(await readFile(crdFile, 'utf8')).spec.versions[0].schema.openAPIV3Schema;
      assert.deepEqual(names.toSorted(), [...leaves(schema.properties.data, 'data')].sort());
    });
  });

  test('the definition is applied twice without a change', async () => {
    const words = ['get', 'crd', 'niximages.k8s.nixos.org', '-o', 'jsonpath={.metadata.generation}'];
    const { stdout: first } = await cluster().kubectl(words);
    await cluster().kubectl(['apply', '--server-side', '-f', crdFile]);
    const { stdout: second } = await cluster().kubectl(words);
    assert.equal(first, '1');
    assert.equal(second, '1');
  });
}

/** What kubectl says to each of some images, by one call. */
function tryAll(
  cluster: Cluster,
  images: readonly { readonly name: string; readonly data: unknown }[],
): Promise<Answer> {
  const manifests = images.map(({ name, data }) => ({
    apiVersion: 'k8s.nixos.org/v1',
    kind: 'NixImage',
    metadata: { name },
    data,
  }));
  return cluster.kubectl(
    ['create', '--dry-run=server', '-f', '-'],
    manifests.map((each) => JSON.stringify(each)).join('\n---\n'),
  );
}

/** One an object that is refused; where the schema refuses it, the first line names it. */
function blocksOf(stderr: string): readonly string[] {
  return stderr.split(/^(?=The NixImage |Error from server)/m).filter((block) => block !== '');
}

interface Schema {
  readonly type?: string;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
}

/** Paths of all fields that hold no others, but of those that take anything. */
function* leaves(schema: Schema, path: string): Generator<string> {
  const { items, properties, additionalProperties } = schema;
  if (items !== undefined) yield* leaves(items, `${path}[]`);
  else if (additionalProperties !== undefined) yield* leaves(additionalProperties, `${path}.*`);
  else if (properties !== undefined)
    for (const [name, each] of Object.entries(properties)) yield* leaves(each, `${path}.${name}`);
  else if (schema.type !== undefined || schema['x-kubernetes-int-or-string']) yield path;
}
