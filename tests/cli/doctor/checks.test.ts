import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explainPullFailure } from '../../../cli/doctor/checks/pullFailure.ts';
import { lookAt } from '../../../cli/doctor/examine.ts';
import type { ClusterObject } from '../../../cli/doctor/kubectl.ts';
import { outcomeOf } from '../../../cli/doctor/pull.ts';
import type { ClusterView } from '../../../cli/doctor/view.ts';
import { healthy, kubeProxy, metacontroller } from './support/healthy.ts';

const system = 'niximage-system';
const others = (view: ClusterView, name: string): readonly ClusterObject[] =>
  view.workloads.filter(({ metadata }) => Reflect.get(Object(metadata), 'name') !== name);

/** The hook with no Pod ready, and the Pod that says why. */
function hookWith(status: unknown, warnings: readonly ClusterObject[] = []): Partial<ClusterView> {
  const labels = { 'app.kubernetes.io/component': 'hook' };
  return {
    workloads: [
      ...others(healthy, 'niximage-hook'),
      { kind: 'Deployment', metadata: { name: 'niximage-hook', namespace: system }, spec: { replicas: 2 } },
    ],
    pods: [{ metadata: { name: 'niximage-hook-1', namespace: system, labels }, status }],
    warnings,
  };
}

const rows: readonly {
  readonly reason: string;
  readonly change: Partial<ClusterView>;
  readonly check: string;
  readonly says: RegExp;
}[] = [
  {
    reason: 'no definition',
    change: { definition: undefined },
    check: 'CRD',
    says: /knows no NixImages; .*apply/,
  },
  {
    reason: 'a definition that was refused',
    change: { definition: { status: { conditions: [{ type: 'Established', status: 'False' }] } } },
    check: 'CRD',
    says: /not established/,
  },
  {
    reason: 'one controller of two',
    change: { controllers: [{ metadata: { name: 'niximages' } }] },
    check: 'controllers',
    says: /not told of niximage-namespaces;/,
  },
  {
    reason: 'no Metacontroller',
    change: { workloads: others(healthy, 'metacontroller') },
    check: 'Metacontroller',
    says: /no Deployment or StatefulSet runs it; install it/,
  },
  {
    reason: 'Metacontroller with its defaults',
    change: { workloads: [metacontroller([]), ...others(healthy, 'metacontroller')] },
    check: 'Metacontroller',
    says: /arguments: --client-go-qps=100 --client-go-burst=200 --workers=20$/,
  },
  {
    reason: 'Metacontroller with two flags of three',
    change: {
      workloads: [
        metacontroller(['--client-go-qps=50', '--client-go-burst=400', '--workers', '20']),
        ...others(healthy, 'metacontroller'),
      ],
    },
    check: 'Metacontroller',
    says: /arguments: --client-go-qps=100$/,
  },
  {
    reason: 'Metacontroller that does not start',
    change: { workloads: [metacontroller([], 0), ...others(healthy, 'metacontroller')] },
    check: 'Metacontroller',
    says: /0 of 1 Pods is ready; kubectl describe/,
  },
  {
    reason: 'no hook',
    change: { workloads: others(healthy, 'niximage-hook') },
    check: 'hook',
    says: /no Deployment niximage-hook in niximage-system; apply an overlay/,
  },
  {
    reason: 'no image for the hook',
    change: hookWith({
      containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } } }],
    }),
    check: 'hook',
    says: /0 of 2 Pods are ready: niximage-hook-1 has no image: not found; push or load it/,
  },
  {
    reason: 'no node for the hook',
    change: hookWith({
      conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }],
    }),
    check: 'hook',
    says: /niximage-hook-1 has no node: 0\/1 nodes are available/,
  },
  {
    reason: 'a hook that ends at once',
    change: hookWith({
      containerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } } }],
    }),
    check: 'hook',
    says: /CrashLoopBackOff: back-off; kubectl logs -n niximage-system niximage-hook-1/,
  },
  {
    reason: 'a mount that fails is told by an event, the last one',
    change: hookWith({ containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] }, [
      { involvedObject: { name: 'niximage-hook-1' }, lastTimestamp: '2026-01-02T00:00:02Z', message: 'new' },
      { involvedObject: { name: 'niximage-hook-1' }, lastTimestamp: '2026-01-02T00:00:01Z', message: 'old' },
      { involvedObject: { name: 'other' }, lastTimestamp: '2026-01-02T00:00:03Z', message: 'other' },
    ]),
    check: 'hook',
    says: /ContainerCreating: new;/,
  },
  {
    reason: 'no Pod of the hook at all',
    change: { ...hookWith({}), pods: [] },
    check: 'hook',
    says: /no Pod is there; kubectl describe the Deployment/,
  },
  { reason: 'no claim', change: { claims: [] }, check: 'volume', says: /no claim niximage-volume/ },
  {
    reason: 'a claim that waits',
    change: {
      claims: [{ metadata: { name: 'niximage-volume', namespace: system }, status: { phase: 'Pending' } }],
    },
    check: 'volume',
    says: /niximage-volume is Pending; kubectl describe/,
  },
  {
    reason: 'the node of the overlay as it stands',
    change: { nodes: [{ metadata: { name: 'two', labels: { 'kubernetes.io/hostname': 'two' } } }] },
    check: 'volume',
    says: /on the node one, which the cluster has not; .*settings\.env/,
  },
  {
    reason: 'no namespace is labelled',
    change: { namespaces: [] },
    check: 'namespaces',
    says: /kubectl label namespace <name> k8s\.nixos\.org\/images=enabled/,
  },
  {
    reason: 'a labelled namespace without its claim',
    change: { namespaces: [{ metadata: { name: 'default' } }, { metadata: { name: 'team' } }] },
    check: 'namespaces',
    says: /^team: the claim niximage-store is not bound/,
  },
  {
    reason: 'kube-proxy in a mode that serves no NodePort on localhost',
    change: { kubeProxy: kubeProxy('ipvs') },
    check: 'NodePort',
    says: /kube-proxy in ipvs mode/,
  },
];

describe('what doctor sees', () => {
  test('all is well', () => {
    const findings = lookAt(healthy);
    assert.deepEqual(
      findings.filter(({ ok }) => !ok),
      [],
    );
    assert.deepEqual(
      findings.map(({ check }) => check),
      [
        'CRD',
        'controllers',
        'Metacontroller',
        'hook',
        'keeper',
        'registry',
        'volume',
        'namespaces',
        'NodePort',
      ],
    );
  });

  for (const { reason, change, check, says } of rows)
    test(reason, () => {
      const found = lookAt({ ...healthy, ...change }).find((each) => each.check === check);
      assert.equal(found?.ok, false);
      assert.match(found.text, says);
    });

  test('a cluster with nothing on it: something to do everywhere, and no error', () => {
    const nothing: ClusterView = {
      definition: undefined,
      workloads: [],
      controllers: [],
      pods: [],
      warnings: [],
      configMaps: [],
      claims: [],
      volumes: [],
      namespaces: [],
      nodes: [],
      kubeProxy: undefined,
      images: [],
    };
    assert.ok(lookAt(nothing).every(({ ok }) => !ok));
  });

  test('an empty mode of kube-proxy is iptables, and another name of the registry needs no NodePort', () => {
    const nodePort = (view: ClusterView) => lookAt(view).find(({ check }) => check === 'NodePort');
    assert.equal(nodePort({ ...healthy, kubeProxy: kubeProxy("''") })?.ok, true);
    const configMaps = [{ data: { NIXIMAGE_REGISTRY_HOST: 'images.example.com' } }];
    assert.equal(nodePort({ ...healthy, configMaps, kubeProxy: kubeProxy('ipvs') }), undefined);
  });
});

describe('how a pull ended', () => {
  const waiting = (reason: string, message?: string) => ({
    status: { containerStatuses: [{ imageID: '', state: { waiting: { reason, message } } }] },
  });
  const outcomes: readonly {
    readonly reason: string;
    readonly pod: ClusterObject | undefined;
    readonly pulled: boolean | undefined;
  }[] = [
    { reason: 'not seen yet', pod: undefined, pulled: undefined },
    { reason: 'no status yet', pod: {}, pulled: undefined },
    { reason: 'still at it', pod: waiting('ContainerCreating'), pulled: undefined },
    { reason: 'the image is there, its program is not', pod: waiting('CreateContainerError'), pulled: true },
    { reason: 'the same, of another runtime', pod: waiting('RunContainerError'), pulled: true },
    {
      reason: 'ended at once',
      pod: { status: { containerStatuses: [{ imageID: 'sha256:1', state: { terminated: {} } }] } },
      pulled: true,
    },
    { reason: 'refused', pod: waiting('ErrImagePull', 'not found'), pulled: false },
    { reason: 'refused for a while', pod: waiting('ImagePullBackOff'), pulled: false },
    {
      reason: 'the node took no Pod',
      pod: { status: { phase: 'Failed', reason: 'OutOfcpu' } },
      pulled: false,
    },
  ];
  for (const { reason, pod, pulled } of outcomes)
    test(reason, () => assert.equal(outcomeOf(pod)?.pulled, pulled));

  const sayings: readonly { readonly message: string; readonly says: RegExp }[] = [
    { message: 'dial tcp 127.0.0.1:30500: connect: connection refused', says: /kube-proxy in iptables mode/ },
    { message: 'http: server gave HTTP response to HTTPS client', says: /hosts\.toml/ },
    { message: 'x509: certificate signed by unknown authority', says: /trust the certificate/ },
    { message: 'lookup images.example.com: no such host', says: /cannot resolve/ },
    { message: 'localhost:30500/a:v1: not found', says: /whether it is Built/ },
    { message: 'something new', says: /^something new$/ },
  ];
  for (const { message, says } of sayings)
    test(message, () => assert.match(explainPullFailure(message), says));
});
