import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nixConfig as settingsOf } from '../../hooks/children/fetching.ts';
import { builderPod } from '../../hooks/children/pod.ts';
import { mergedOptions, type PodOptions } from '../../hooks/children/podOptions.ts';
import { policyOptions } from '../../hooks/policy/configuration.ts';
import { excessOf, type Limits } from '../../hooks/policy/limits.ts';
import { readOptions } from '../../runtime/options.ts';
import { quantity } from '../../runtime/quantity.ts';
import { options as hookOptions, World } from './support/world.ts';

const job = {
  namespace: 'default',
  name: 'a',
  tag: 'v1',
  uid: 'u',
  created: '2026-01-01T00:00:00Z',
  ordinal: 1,
  inputHash: 'b'.repeat(64),
  pod: 'a-1',
  expressionDigest: `sha256:${'c'.repeat(64)}`,
};

/** The whole of a Pod, its types aside. */
function podOf(own: PodOptions) {
  return JSON.parse(JSON.stringify(builderPod(job, 'a-map', hookOptions.pod, own)));
}

describe('the options of the operator and of the manifest are merged', () => {
  const rows: { reason: string; operator: PodOptions; manifest: PodOptions; gives: PodOptions }[] = [
    { reason: 'nobody says anything', operator: {}, manifest: {}, gives: {} },
    {
      reason: "a single value of the manifest's replaces the operator's",
      operator: { memory: '4Gi', timeout: 60 },
      manifest: { memory: '1Gi' },
      gives: { memory: '1Gi', timeout: 60 },
    },
    {
      reason: 'maps are merged key by key',
      operator: { nodeSelector: { disk: 'ssd', zone: 'a' } },
      manifest: { nodeSelector: { zone: 'b' } },
      gives: { nodeSelector: { disk: 'ssd', zone: 'b' } },
    },
    {
      reason: 'lists are joined, and what is in both stands once',
      operator: { imagePullSecrets: ['all'] },
      manifest: { imagePullSecrets: ['own', 'all'] },
      gives: { imagePullSecrets: ['all', 'own'] },
    },
    {
      reason: "an affinity is one value, and the manifest's replaces the operator's",
      operator: { affinity: { nodeAffinity: {} } },
      manifest: { affinity: { podAffinity: {} } },
      gives: { affinity: { podAffinity: {} } },
    },
  ];
  for (const { reason, operator, manifest, gives } of rows)
    test(reason, () => assert.deepEqual(mergedOptions(operator, manifest), gives));
});

describe('a Pod is made as its options say', () => {
  test('resources and time', () => {
    const { spec } = podOf({ cpu: 2, memory: '4Gi', storage: '9Gi', timeout: 77 });
    assert.deepEqual(spec.containers[0].resources, {
      requests: { cpu: '2', memory: '4Gi', 'ephemeral-storage': '9Gi' },
      limits: { memory: '4Gi', 'ephemeral-storage': '9Gi' },
    });
    assert.equal(spec.activeDeadlineSeconds, 77);
  });

  test('where it runs, and as whom', () => {
    const tolerations = [
      { key: 'builds', operator: 'Exists' as const },
      {
        key: 'team',
        operator: 'Equal' as const,
        value: 'a',
        effect: 'NoExecute' as const,
        tolerationSeconds: 60,
      },
    ];
    const { spec } = podOf({
      nodeSelector: { disk: 'ssd' },
      tolerations,
      affinity: { nodeAffinity: {} },
      priorityClassName: 'low',
      runtimeClassName: 'gvisor',
      serviceAccountName: 'builder',
      imagePullSecrets: ['pull'],
    });
    assert.deepEqual(spec.nodeSelector, { disk: 'ssd' });
    assert.deepEqual(spec.tolerations, tolerations);
    assert.deepEqual(spec.affinity, { nodeAffinity: {} });
    assert.deepEqual(
      [spec.priorityClassName, spec.runtimeClassName, spec.serviceAccountName],
      ['low', 'gvisor', 'builder'],
    );
    assert.deepEqual(spec.imagePullSecrets, [{ name: 'pull' }]);
    assert.equal(spec.automountServiceAccountToken, true);
  });

  test('without options it has no token, and stands nowhere in particular', () => {
    const { spec } = podOf({});
    assert.equal(spec.automountServiceAccountToken, false);
    for (const field of ['nodeSelector', 'tolerations', 'affinity', 'serviceAccountName', 'imagePullSecrets'])
      assert.equal(Object.hasOwn(spec, field), false, field);
  });

  test('its own labels stay, whatever a manifest says', () => {
    const name = 'app.kubernetes.io/name';
    const { metadata } = podOf({ labels: { [name]: 'x', team: 'a' }, annotations: { note: 'b' } });
    assert.deepEqual([metadata.labels[name], metadata.labels['team']], ['niximage', 'a']);
    assert.equal(metadata.annotations['note'], 'b');
  });
});

describe('a Pod fetches as its manifest and the operator say', () => {
  const fetching = {
    nix: { substituters: ['https://a.example', 'https://b.example'], trustedPublicKeys: ['a:b'] },
    secrets: { netrc: 'passwords', ssh: 'deploy-key', accessTokens: 'tokens', signingKey: 'cache-key' },
  };
  const made = (nixConfig?: string) =>
    JSON.parse(
      JSON.stringify(
        builderPod(
          job,
          'a-map',
          nixConfig === undefined ? hookOptions.pod : { ...hookOptions.pod, nixConfig },
          {},
          fetching,
        ),
      ),
    );

  test("caches go by the environment, after the operator's settings", () => {
    const env = made('substituters = https://own.example').spec.containers[0].env;
    assert.deepEqual(
      env.filter(({ name }: { name: string }) => name === 'NIX_CONFIG'),
      [
        {
          name: 'NIX_CONFIG',
          value:
            'substituters = https://own.example\nextra-substituters = https://a.example https://b.example\nextra-trusted-public-keys = a:b',
        },
      ],
    );
  });

  test('caches that packages are copied into go by the environment', () => {
    const pod = builderPod(
      job,
      'a-map',
      hookOptions.pod,
      {},
      { nix: { pushTo: ['s3://a', 'https://b.example'] } },
    );
    const { env } = JSON.parse(JSON.stringify(pod)).spec.containers[0];
    assert.deepEqual(
      env.filter(({ name }: { name: string }) => name === 'NIXIMAGE_PUSH_TO'),
      [{ name: 'NIXIMAGE_PUSH_TO', value: 's3://a https://b.example' }],
    );
  });

  test('a claim that keeps /nix takes the place of the empty folder', () => {
    const nixVolume = (nix: { claim?: string }): unknown =>
      JSON.parse(JSON.stringify(builderPod(job, 'a-map', hookOptions.pod, {}, { nix }))).spec.volumes.find(
        ({ name }: { name: string }) => name === 'nix',
      );
    assert.deepEqual(nixVolume({ claim: 'nix' }), {
      name: 'nix',
      persistentVolumeClaim: { claimName: 'nix' },
    });
    assert.deepEqual(nixVolume({}), { name: 'nix', emptyDir: {} });
  });

  test('machines that build go by the environment, in the form of Nix', () => {
    const builders = [
      { uri: 'ssh://a.example' },
      {
        uri: 'ssh-ng://builder@b.example',
        systems: ['aarch64-linux', 'armv7l-linux'],
        maxJobs: 4,
        speedFactor: 2,
        supportedFeatures: ['big-parallel', 'kvm'],
        mandatoryFeatures: ['kvm', 'arm'],
      },
    ];
    assert.equal(
      settingsOf('builders =', { builders }),
      'builders =\nbuilders = ssh://a.example - - 1 1 - -; ssh-ng://builder@b.example aarch64-linux,armv7l-linux - 4 2 big-parallel,kvm,arm kvm,arm',
    );
  });

  test('a proxy and certificates go by the environment, under each name that programs look for', () => {
    const network = { proxy: 'http://proxy.example:3128', proxyExcept: 'a.example', certificates: 'PEM' };
    const pod = builderPod(job, 'a-map', { ...hookOptions.pod, network });
    const { env } = JSON.parse(JSON.stringify(pod)).spec.containers[0];
    const values = new Map(env.map(({ name, value }: { name: string; value: string }) => [name, value]));
    for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'])
      assert.equal(values.get(name), 'http://proxy.example:3128', name);
    for (const name of ['no_proxy', 'NO_PROXY']) assert.equal(values.get(name), 'a.example', name);
    assert.equal(values.get('NIXIMAGE_CERTIFICATES'), 'PEM');
  });

  test('secrets are mounted, each read-only in a folder of its kind, and stand nowhere else', () => {
    const { spec } = made();
    const mounts = spec.containers[0].volumeMounts.filter(({ name }: { name: string }) =>
      name.startsWith('secret'),
    );
    assert.deepEqual(mounts, [
      { name: 'secret-netrc', mountPath: '/niximage/secrets/netrc', readOnly: true },
      { name: 'secret-ssh', mountPath: '/niximage/secrets/ssh', readOnly: true },
      { name: 'secret-accesstokens', mountPath: '/niximage/secrets/accessTokens', readOnly: true },
      { name: 'secret-signingkey', mountPath: '/niximage/secrets/signingKey', readOnly: true },
    ]);
    const volumes = spec.volumes.filter(({ name }: { name: string }) => name.startsWith('secret'));
    assert.deepEqual(volumes, [
      { name: 'secret-netrc', secret: { secretName: 'passwords', defaultMode: 0o444 } },
      { name: 'secret-ssh', secret: { secretName: 'deploy-key', defaultMode: 0o444 } },
      { name: 'secret-accesstokens', secret: { secretName: 'tokens', defaultMode: 0o444 } },
      { name: 'secret-signingkey', secret: { secretName: 'cache-key', defaultMode: 0o444 } },
    ]);
    assert.doesNotMatch(spec.containers[0].args.join(' '), /passwords|deploy-key|tokens|cache-key/);
  });

  test('without either it has no such variable and no such volume', () => {
    const { spec } = podOf({});
    assert.doesNotMatch(
      JSON.stringify(spec),
      /NIX_CONFIG|NIXIMAGE_PUSH_TO|NIXIMAGE_SECRETS|secret-|proxy|NIXIMAGE_CERTIFICATES/i,
    );
  });
});

describe('a limit holds', () => {
  const rows: { asked: PodOptions; limits: Limits; over?: string }[] = [
    { asked: { memory: '4Gi' }, limits: { memory: '4096Mi' } },
    { asked: { memory: '4Gi' }, limits: { memory: '4G' }, over: 'memory' },
    { asked: { cpu: '500m' }, limits: { cpu: 1 } },
    { asked: { cpu: '1.5' }, limits: { cpu: '1200m' }, over: 'cpu' },
    { asked: { timeout: 61 }, limits: { timeout: 60 }, over: 'timeout' },
    { asked: { attempts: 3 }, limits: { memory: '1Gi' } },
    { asked: { storage: '1Ti' }, limits: { storage: '999Gi' }, over: 'storage' },
  ];
  for (const { asked, limits, over } of rows)
    test(`${JSON.stringify(asked)} under ${JSON.stringify(limits)}`, () => {
      const said = excessOf(asked, limits);
      if (over === undefined) assert.equal(said, undefined);
      else
        assert.match(
          said ?? '',
          new RegExp(`^data\\.pod\\.${over} is .*, and the limit ${over} of this cluster`),
        );
    });

  test('quantities are read as Kubernetes reads them', () => {
    assert.deepEqual(['500m', '1', '1.5Gi', '2k', 3].map(quantity), [0.5, 1, 1.5 * 2 ** 30, 2000, 3]);
    assert.deepEqual(['', '1x', 'Gi', '1 Gi'].map(quantity), [undefined, undefined, undefined, undefined]);
  });
});

describe('the operator says them as JSON, which is checked by the schema', () => {
  const read = (text: string) =>
    readOptions(policyOptions, { words: [`--builder-limits=${text}`], environment: {} }).values;
  test('limits', () =>
    assert.deepEqual(read('{"memory":"8Gi","attempts":5}')['builder-limits'], {
      memory: '8Gi',
      attempts: 5,
    }));
  for (const text of ['8Gi', '{"memori":"8Gi"}', '{"memory":8}', '{"labels":{}}'])
    test(`${text} is refused`, () => assert.throws(() => read(text), /builder-limits must be JSON/));
  test('defaults', () => {
    const words = ['--builder-pod={"nodeSelector":{"disk":"ssd"}}'];
    const { values } = readOptions(policyOptions, { words, environment: {} });
    assert.deepEqual(values['builder-pod'], { nodeSelector: { disk: 'ssd' } });
  });
});

const data = { tag: 'v1', contents: ['curl'] };

function stalled(world: World): { reason: string; message: string } | undefined {
  const found = world.status?.conditions?.find(({ type, status }) => type === 'Stalled' && status === 'True');
  return found === undefined ? undefined : { reason: found.reason, message: found.message };
}

describe('the life of an image', () => {
  test('another Pod builds nothing again', () => {
    const world = new World(data);
    world.build();
    world.change({ ...data, pod: { memory: '8Gi' }, tagPolicy: 'Immutable' });
    assert.equal(world.settle().status.state, 'Built');
    assert.equal(world.pods.size, 0);
  });

  test('a suspended image starts no build, and ends the one that runs; what is served stays', () => {
    const world = new World({ ...data, suspend: true });
    const { status } = world.settle();
    assert.equal(status.state, 'BuildPending');
    assert.equal(status.conditions?.find(({ type }) => type === 'Ready')?.reason, 'Suspended');
    assert.equal(world.configMaps.size + world.pods.size, 0);
    world.change(data);
    world.settle();
    world.run();
    world.settle();
    world.change({ ...data, suspend: true });
    world.settle();
    const [pod = ''] = world.pods.keys();
    assert.notEqual(JSON.parse(JSON.stringify(world.pods.get(pod))).metadata.deletionTimestamp, undefined);
    world.vanish(pod);
    world.change(data);
    world.build();
    world.change({ ...data, suspend: true });
    assert.equal(world.settle().status.state, 'Built');
  });

  test('builds that were ended by a suspension count as no attempts', () => {
    const world = new World(data);
    for (let round = 0; round < 5; round += 1) {
      world.settle();
      world.run();
      world.settle();
      world.change({ ...data, suspend: true });
      world.settle();
      for (const pod of world.pods.keys()) world.vanish(pod);
      world.settle();
      world.seconds += 100;
      world.change(data);
    }
    world.build();
  });

  test('a token asks for a build of the same, once', () => {
    const world = new World(data);
    world.build();
    const before = world.status?.build?.inputHash;
    world.annotations = { 'k8s.nixos.org/rebuild': '2026-01-31' };
    world.settle();
    assert.notEqual(world.status?.build?.inputHash, before);
    assert.equal(world.pods.size, 1);
    world.build();
    assert.equal(world.settle().status.state, 'Built');
    assert.equal(world.pods.size, 0);
  });

  test('a tag that is to stay what it is refuses other contents, and serves on', () => {
    const world = new World({ ...data, tagPolicy: 'Immutable' });
    world.build();
    world.change({ ...data, contents: ['jq'], tagPolicy: 'Immutable' });
    world.settle();
    assert.deepEqual(stalled(world), {
      reason: 'TagIsTaken',
      message:
        'the tag v1 is served with other contents, and data.tagPolicy is Immutable; give the changed contents another tag',
    });
    assert.ok(world.status?.imageRef !== undefined);
    assert.equal(world.pods.size, 0);
    world.change({ ...data, tag: 'v2', contents: ['jq'], tagPolicy: 'Immutable' });
    world.image = { state: 'Absent', ordinal: 1 };
    world.settle();
    assert.equal(world.pods.size, 1);
  });

  const failed = JSON.stringify({
    v: 1,
    result: 'Failed',
    reason: 'FetchFailed',
    message: 'no network',
    transient: true,
  });
  for (const [attempts, tries] of [
    [1, 1],
    [undefined, 3],
    [4, 4],
  ] as const)
    test(`a failure that may pass is tried ${tries} times where the manifest says ${attempts}`, () => {
      const world = new World({ ...data, pod: attempts === undefined ? {} : { attempts } });
      for (let attempt = 1; attempt <= tries; attempt += 1) {
        world.settle();
        assert.equal(world.status?.build?.attempt, attempt);
        assert.notEqual(world.status.state, 'Failed');
        world.run();
        world.settle();
        world.end('Failed', { message: failed });
        world.settle();
        world.seconds += 1000;
      }
      assert.equal(world.settle().status.state, 'Failed');
    });

  test('who asks for more than a limit is refused', () => {
    const world = new World({ ...data, pod: { memory: '64Gi' } });
    world.options = { ...world.options, limits: { memory: '8Gi' } };
    world.settle();
    assert.equal(stalled(world)?.reason, 'PolicyRefused');
    assert.match(stalled(world)?.message ?? '', /the limit memory/);
  });

  test('compression and media types are ordered', () => {
    const world = new World({ ...data, compression: 'gzip:9', mediaTypes: 'docker' });
    world.settle();
    const pod = JSON.parse(JSON.stringify(world.pods.get(world.pod())));
    const { args } = pod.spec.containers[0];
    assert.ok(args.includes('--compression=gzip:9') && args.includes('--media-types=docker'), String(args));
  });
});
