import assert from 'node:assert/strict';
import { appendFile, cp } from 'node:fs/promises';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { builderPod, type PodSettings } from '../../../hooks/children/pod.ts';
import type { PodOptions } from '../../../hooks/children/podOptions.ts';
import { decorate } from '../../../hooks/decorator/decorate.ts';
import type { Cluster } from '../support/cluster.ts';
import { applyMetacontrollerDefinitions } from '../support/metacontroller.ts';
import { until } from '../support/processes.ts';

const manifests = fileURLToPath(new URL('../../../metacontroller/manifests/', import.meta.url));
const overlay = (name: string): string => `${manifests}overlays/${name}`;

const job = {
  namespace: 'team',
  name: 'a',
  tag: 'v1',
  uid: 'u',
  created: '2026-01-02T03:04:05Z',
  ordinal: 1,
  inputHash: 'h',
  pod: 'a-1',
  expressionDigest: 'sha256:0',
};
const settings: PodSettings = {
  image: 'niximage',
  nixpkgs: '/nixpkgs',
  packageSet: 'nixpkgs',
  cpu: '500m',
  memory: '2Gi',
  storage: '20Gi',
  timeout: 60,
};

/** The manifests before an API server and the controllers; there is no node. */
export function manifestCases(cluster: () => Cluster): void {
  before(async () => {
    await applyMetacontrollerDefinitions(cluster());
    // A dry run makes no namespace, and what is in it needs one.
    await cluster().must(['apply', '--server-side', '-f', `${manifests}base/namespace.yaml`]);
  });

  for (const name of ['single-node', 'nfs'])
    test(`${name}: each object is taken as it stands`, async () => {
      const answer = await cluster().kubectl([
        'apply',
        '-k',
        overlay(name),
        '--server-side',
        '--dry-run=server',
      ]);
      assert.equal(answer.exitCode, 0, answer.stderr);
      assert.equal(answer.stderr, '', 'no warning, that of Pod Security included');
      const rendered = await cluster().kubectl(['kustomize', overlay(name)]);
      const objects = parseAllDocuments(rendered.stdout);
      assert.equal(answer.stdout.trim().split('\n').length, objects.length);
    });

  const components = [
    { name: 'tls', sign: /"scheme": "HTTPS"/g, count: 2, reason: 'the registry is probed by https' },
    { name: 'push', sign: /"--push-token-file=/g, count: 1, reason: 'one copy takes pushes' },
    { name: 'nginx', sign: /"image": "nginx:stable"/g, count: 1, reason: "it is in the registry's Pods" },
  ] as const;
  for (const { name, sign, count, reason } of components)
    test(`with the component ${name}: taken, and ${reason}`, async () => {
      const folder = `${cluster().folder}/with-${name}`;
      await cp(manifests, folder, { recursive: true });
      const kustomization = `${folder}/overlays/single-node/kustomization.yaml`;
      await appendFile(kustomization, `components: [../../components/${name}]\n`);
      const words = ['-k', `${folder}/overlays/single-node`];
      const answer = await cluster().kubectl([
        'apply',
        ...words,
        '--server-side',
        '--dry-run=server',
        '-o',
        'json',
      ]);
      assert.equal(answer.exitCode, 0, answer.stderr);
      assert.equal(answer.stderr, '', 'no warning, that of Pod Security included');
      assert.equal([...answer.stdout.matchAll(sign)].length, count);
    });

  test('applied, with Pod Security enforced, every part gets its Pods', async () => {
    const answer = await cluster().kubectl([
      'apply',
      '-k',
      overlay('single-node'),
      '--server-side',
      '--force-conflicts',
    ]);
    assert.equal(answer.exitCode, 0, answer.stderr);
    const pods = async (): Promise<string[]> => {
      const path = '{range .items[*]}{.metadata.labels.app\\.kubernetes\\.io/component}{"\\n"}{end}';
      const { stdout } = await cluster().kubectl([
        'get',
        'pods',
        '-n',
        'niximage-system',
        '-o',
        `jsonpath=${path}`,
      ]);
      return stdout.trim().split('\n').sort();
    };
    const wanted = ['hook', 'hook', 'initialise', 'keeper', 'registry', 'registry'];
    await until(
      async () => (await pods()).join() === wanted.join(),
      30_000,
      async () => (await cluster().kubectl(['get', 'events', '-n', 'niximage-system'])).stdout,
    );
  });

  test('the cluster makes the tokens', async () => {
    for (const name of ['niximage-hook-token', 'niximage-keeper-token']) {
      const token = async (): Promise<string> =>
        (
          await cluster().kubectl([
            'get',
            'secret',
            name,
            '-n',
            'niximage-system',
            '-o',
            'jsonpath={.data.token}',
          ])
        ).stdout;
      await until(async () => (await token()).length > 100, 30_000);
    }
  });

  test('the claim is bound to the volume of the overlay', async () => {
    const waited = await cluster().kubectl([
      ...['wait', '--for=jsonpath={.status.phase}=Bound', '--timeout=60s'],
      ...['-n', 'niximage-system', 'pvc/niximage-volume'],
    ]);
    assert.equal(waited.exitCode, 0, waited.stderr);
  });

  const verbs: readonly { readonly role: string; readonly verb: string; readonly may: boolean }[] = [
    { role: 'view', verb: 'list', may: true },
    { role: 'view', verb: 'create', may: false },
    { role: 'edit', verb: 'create', may: true },
    { role: 'edit', verb: 'delete', may: true },
    { role: 'admin', verb: 'patch', may: true },
  ];
  for (const { role, verb, may } of verbs)
    test(`who has ${role} ${may ? 'may' : 'may not'} ${verb} images`, async () => {
      const binding = ['create', 'rolebinding', `${role}-${verb}`, `--clusterrole=${role}`, `--user=${role}`];
      await cluster().must([...binding, '-n', 'default']);
      // The roles are put together by a controller.
      await until(async () => (await mayDo(cluster(), role, verb, images)) === may, 30_000);
    });

  test("the parts' own accounts may do nothing", async () => {
    for (const name of ['hook', 'keeper', 'registry', 'hook-caller', 'keeper-caller']) {
      const user = `system:serviceaccount:niximage-system:niximage-${name}`;
      for (const [verb, resource] of [
        ['get', images],
        ['get', { resource: 'secrets' }],
        ['create', { resource: 'pods' }],
      ] as const)
        assert.equal(await mayDo(cluster(), user, verb, resource), false, `${user}: ${verb}`);
    }
  });

  test("a namespace's volume, claim and policy, and a builder in it, under Pod Security restricted", async () => {
    await cluster().kubectl(['create', 'namespace', 'team']);
    await cluster().kubectl(['label', 'namespace', 'team', 'pod-security.kubernetes.io/enforce=restricted']);
    const volume = {
      ...{ apiVersion: 'v1', kind: 'PersistentVolume', name: 'niximage-namespace-team' },
      ...{ phase: 'Available', going: false },
    };
    const { attachments } = decorate({ name: 'team', uid: 'u', volume }, true, {
      volume: { kind: 'HostPath', node: 'one', path: '/srv', size: '1Gi', mountOptions: [] },
      egress: { except: ['10.0.0.0/8', 'fc00::/7'], allow: ['10.1.2.3/32'] },
    });
    const pod = builderPod(job, 'a-map', settings);
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...attachments, pod] });
    const answer = await cluster().kubectl(['apply', '-n', 'team', '-f', '-'], list);
    assert.equal(answer.exitCode, 0, answer.stderr);
    const waited = await cluster().kubectl([
      ...[
        'wait',
        '--for=jsonpath={.status.phase}=Bound',
        '--timeout=60s',
        '-n',
        'team',
        'pvc/niximage-store',
      ],
    ]);
    assert.equal(waited.exitCode, 0, waited.stderr);
  });

  test('a builder with all that data.pod and data.secrets may say', async () => {
    await cluster().kubectl(['create', 'namespace', 'options']);
    const own: PodOptions = {
      cpu: 2,
      memory: '4Gi',
      storage: '9Gi',
      timeout: 77,
      nodeSelector: { disk: 'ssd' },
      tolerations: [
        { key: 'builds', operator: 'Exists' },
        { key: 'team', operator: 'Equal', value: 'a', effect: 'NoExecute', tolerationSeconds: 60 },
      ],
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } },
      priorityClassName: 'low',
      runtimeClassName: 'gvisor',
      serviceAccountName: 'builder',
      imagePullSecrets: ['pull'],
      labels: { team: 'a' },
      annotations: { note: 'b' },
    };
    const classes = [
      { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'low' }, value: 1 },
      { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'gvisor' }, handler: 'runsc' },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'builder', namespace: 'options' } },
    ];
    const secrets = { netrc: 'passwords', ssh: 'deploy-key', accessTokens: 'tokens' };
    const pod = builderPod({ ...job, namespace: 'options' }, 'a-map', settings, own, { secrets });
    for (const items of [classes, [pod]]) {
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
      const words = ['apply', '--server-side', '--validate=strict', '-n', 'options', '-f', '-'];
      const answer = await cluster().kubectl(words, list);
      assert.equal(answer.exitCode, 0, answer.stderr);
    }
    const { stdout } = await cluster().kubectl(['get', 'pod', 'a-1', '-n', 'options', '-o', 'json']);
    const { metadata, spec } = JSON.parse(stdout);
    const { cpu, memory, storage } = own;
    assert.deepEqual(spec.containers[0].resources.requests, {
      cpu: String(cpu),
      memory,
      'ephemeral-storage': storage,
    });
    assert.equal(spec.activeDeadlineSeconds, own.timeout);
    assert.deepEqual(spec.nodeSelector, own.nodeSelector);
    assert.deepEqual(spec.tolerations.slice(0, 2), own.tolerations);
    assert.deepEqual(
      [spec.priorityClassName, spec.runtimeClassName, spec.serviceAccountName, spec.imagePullSecrets],
      ['low', 'gvisor', 'builder', [{ name: 'pull' }]],
    );
    assert.ok('podAntiAffinity' in spec.affinity);
    assert.deepEqual([metadata.labels.team, metadata.annotations.note], ['a', 'b']);
    const mounted = spec.volumes.map(({ secret }: { secret?: { secretName: string } }) => secret?.secretName);
    for (const name of Object.values(secrets)) assert.ok(mounted.includes(name), name);
  });
}

const images = { group: 'k8s.nixos.org', resource: 'niximages' } as const;

/** Whether somebody may do something in the namespace `default`: what `kubectl auth can-i --as` asks. */
async function mayDo(
  { api }: Cluster,
  user: string,
  verb: string,
  resource: { readonly group?: string; readonly resource: string },
): Promise<boolean> {
  const { status } = await api.post<{ readonly status: { readonly allowed: boolean } }>(
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, resourceAttributes: { namespace: 'default', verb, ...resource } },
    },
  );
  return status.allowed;
}
